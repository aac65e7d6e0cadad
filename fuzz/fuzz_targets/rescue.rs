#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    undertone_fuzz::check("rescue", bytes);
});

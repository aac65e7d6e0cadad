//! Tests of the key file's bytes: fixtures, bounds, and whatever a disk may hold.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::{CHECKSUM_LEN, COST, Cost, Fault, KeyFile, MAX_LEN, WrappedKey, checksum};
use crate::key::StoreKey;
use crate::passphrase::Passphrase;

const KEY: [u8; 32] = [0x5a; 32];

/// What version 1 wrote for good: never edit these, whoever updates has such files.
const PLAIN_V1: &str = concat!(
    "55544b455946494c0100",
    "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
    "7e61c77e862c217a",
);
const PASSPHRASE_V1: &str = concat!(
    "55544b455946494c0101",
    "000100000000000300000001",
    "19454a27b752f905909507d6160ddc88",
    "8e2df8b773098ef3f7bcd321a7caa7483a9afa8c98415d2f",
    "fd9cc44e6776f908acbf20d4d1ed0e6e139d0d90a97c91296d32ce7c30fe492d",
    "9f18ae85fd1dc402bbf084c5ba97117d",
    "088fe36b7400bc3a",
);

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn passphrase() -> Passphrase {
    Passphrase::new("correct horse battery staple").unwrap()
}

/// A file with costs that a test can afford, or that a hostile hand wrote.
fn with_cost(memory_kib: u32, passes: u32, lanes: u32) -> Vec<u8> {
    KeyFile::Passphrase(WrappedKey {
        cost: Cost {
            memory_kib,
            passes,
            lanes,
        },
        salt: [1; 16],
        nonce: [2; 24],
        sealed: [3; 48],
    })
    .encode()
    .to_vec()
}

fn resum(bytes: &mut [u8]) {
    let (body, sum) = bytes.split_last_chunk_mut::<CHECKSUM_LEN>().unwrap();
    *sum = checksum(body);
}

fn fault(bytes: &[u8]) -> Fault {
    match KeyFile::decode(bytes) {
        Err(fault) => fault,
        Ok(_) => panic!("decoded"),
    }
}

#[test]
fn a_plain_file_is_what_it_always_was() {
    let file = KeyFile::Plain(StoreKey::from_bytes(&KEY)).encode();
    assert_eq!(hex(&file), PLAIN_V1);
    match KeyFile::decode(&unhex(PLAIN_V1)).unwrap() {
        KeyFile::Plain(key) => assert_eq!(key.expose(), &KEY),
        KeyFile::Passphrase(_) => panic!("not plain"),
    }
}

#[test]
fn a_file_under_a_passphrase_is_what_it_always_was() {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let wrapped = WrappedKey::seal(&StoreKey::from_bytes(&KEY), &passphrase(), &mut rng).unwrap();
    let file = KeyFile::Passphrase(wrapped).encode();
    assert_eq!(hex(&file), PASSPHRASE_V1);
    assert!(file.len() <= MAX_LEN);
    match KeyFile::decode(&unhex(PASSPHRASE_V1)).unwrap() {
        KeyFile::Passphrase(wrapped) => {
            assert_eq!(wrapped.open(&passphrase()).unwrap().expose(), &KEY);
            let wrong = Passphrase::new("correct horse battery stapler").unwrap();
            assert_eq!(wrapped.open(&wrong).unwrap_err(), Fault::WrongPassphrase);
        }
        KeyFile::Plain(_) => panic!("not under a passphrase"),
    }
}

#[test]
fn costs_stand_under_the_seal() {
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    let mut wrapped =
        WrappedKey::seal(&StoreKey::from_bytes(&KEY), &passphrase(), &mut rng).unwrap();
    wrapped.cost.passes = COST.passes - 1;
    assert_eq!(
        wrapped.open(&passphrase()).unwrap_err(),
        Fault::WrongPassphrase
    );
}

#[test]
fn nobody_can_be_asked_for_a_hundred_gibibytes() {
    for hostile in [
        with_cost(100 << 20, 3, 1),
        with_cost(u32::MAX, 3, 1),
        with_cost(65_536, u32::MAX, 1),
        with_cost(65_536, 3, 5),
        with_cost(u32::MAX, u32::MAX, u32::MAX),
    ] {
        assert_eq!(fault(&hostile), Fault::Excessive);
    }
}

#[test]
fn costs_that_are_none_are_damage() {
    for nonsense in [
        with_cost(0, 0, 0),
        with_cost(7, 1, 1),
        with_cost(64, 0, 1),
        with_cost(64, 1, 0),
    ] {
        match KeyFile::decode(&nonsense).unwrap() {
            KeyFile::Passphrase(wrapped) => {
                assert_eq!(wrapped.open(&passphrase()).unwrap_err(), Fault::Damaged);
            }
            KeyFile::Plain(_) => panic!("not under a passphrase"),
        }
    }
}

#[test]
fn a_newer_version_is_named_whatever_follows() {
    let mut file = unhex(PLAIN_V1);
    file[8] = 2;
    assert_eq!(fault(&file), Fault::Newer(2));
    assert_eq!(fault(&file[..9]), Fault::Newer(2));
    file[8] = 0;
    assert_eq!(fault(&file), Fault::Damaged);
}

#[test]
fn lengths_and_kinds_that_no_version_wrote_are_damage() {
    for good in [PLAIN_V1, PASSPHRASE_V1].map(unhex) {
        for len in 0..good.len() {
            assert_eq!(fault(&good[..len]), Fault::Damaged, "{len}");
        }
        let mut longer = good.clone();
        longer.push(0);
        assert_eq!(fault(&longer), Fault::Damaged);
        resum(&mut longer);
        assert_eq!(fault(&longer), Fault::Damaged);
        let mut shorter = good[..good.len() - 1].to_vec();
        resum(&mut shorter);
        assert_eq!(fault(&shorter), Fault::Damaged);
        let mut unknown = good;
        unknown[9] = 2;
        resum(&mut unknown);
        assert_eq!(fault(&unknown), Fault::Damaged);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(KeyFile::decode(&bytes).is_err());
    }

    #[test]
    fn any_body_under_a_right_head_and_checksum_is_answered(
        protection in 0_u8..4,
        body in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let mut bytes = b"UTKEYFIL\x01".to_vec();
        bytes.push(protection);
        bytes.extend(body);
        bytes.extend([0; CHECKSUM_LEN]);
        resum(&mut bytes);
        // What decodes is what was encoded, and nothing that decodes is excessive.
        if let Ok(file) = KeyFile::decode(&bytes) {
            prop_assert_eq!(&*file.encode(), &bytes);
        }
    }

    #[test]
    fn a_flipped_bit_is_noticed(at in 0_usize..(118 * 8)) {
        let mut bytes = unhex(PASSPHRASE_V1);
        bytes[at / 8] ^= 1 << (at % 8);
        prop_assert!(matches!(fault(&bytes), Fault::Damaged | Fault::Newer(_)));
    }
}

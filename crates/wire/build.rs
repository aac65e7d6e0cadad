//! Generates the Rust types of the wire format from `proto/`, in pure Rust (no `protoc` needed).

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=proto");
    let files = protox::compile(["identity.proto", "services.proto"], ["proto"])?;
    prost_build::Config::new()
        // The payloads are the only large fields: they are shared with the receive buffer, not copied.
        .bytes([
            ".undertone.v1.Deliver.payload",
            ".undertone.v1.Commit.payload",
            ".undertone.v1.WelcomeDelivery.payload",
            ".undertone.v1.Rescue.payload",
            ".undertone.v1.Entry.sealed",
            ".undertone.v1.BlobPut.chunk",
        ])
        .compile_fds(files)?;
    Ok(())
}

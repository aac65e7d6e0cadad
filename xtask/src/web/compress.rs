//! Brotli at its best, as everything is served.

use std::io::Write;

use anyhow::{Context, Result};

const BUFFER_BYTES: usize = 1 << 16;
const QUALITY: u32 = 11;
/// 16 MiB, the largest that every browser takes.
const WINDOW_BITS: u32 = 24;

/// Compresses for as long as it takes.
pub fn compress(content: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer =
        brotli::CompressorWriter::new(&mut compressed, BUFFER_BYTES, QUALITY, WINDOW_BITS);
    writer.write_all(content).context("cannot compress")?;
    drop(writer);
    Ok(compressed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_compressed_comes_back() {
        for content in [&b""[..], &b"undertone ".repeat(1_000)] {
            let mut back = Vec::new();
            brotli::BrotliDecompress(&mut &*compress(content).unwrap(), &mut back).unwrap();
            assert_eq!(back, content);
        }
        assert!(compress(&[0; 100_000]).unwrap().len() < 100);
    }
}

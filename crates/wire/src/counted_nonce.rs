//! Nonces that count, for keys under which everything is numbered and nothing encrypted twice: one direction of one meeting,
//! the chunks of one blob.

/// The nonce of XChaCha20-Poly1305 for what has this number: 8 bytes of it, little-endian, and zeros.
pub fn counted_nonce(number: u64) -> [u8; 24] {
    let mut nonce = [0; 24];
    for (byte, value) in nonce.iter_mut().zip(number.to_le_bytes()) {
        *byte = value;
    }
    nonce
}

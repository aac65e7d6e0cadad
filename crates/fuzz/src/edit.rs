//! Changing a true message by a script, for messages that no fuzzer could make and no two processes make alike.

use crate::cut::Cut;

/// `original` changed by `script`: steps of a kind, a place and a value. An empty script changes nothing.
pub fn edited(original: &[u8], script: &[u8]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    let mut script = Cut::new(script);
    while !script.is_empty() {
        let kind = script.byte() % 6;
        let place = usize::from(u16::from_be_bytes(script.array())) % (bytes.len() + 1);
        match kind {
            0 => bytes.truncate(place),
            1 => bytes.insert(place, script.byte()),
            2 if place < bytes.len() => bytes[place] ^= script.byte(),
            3 if place < bytes.len() => drop(bytes.remove(place)),
            // The largest length that TLS encoding can claim.
            4 => drop(bytes.splice(place..place, [0xbf, 0xff, 0xff, 0xff])),
            5 => {
                let part = script.part();
                let end = (place + part.len()).min(bytes.len());
                drop(bytes.splice(place..end, part.iter().copied()));
            }
            _ => {}
        }
    }
    bytes
}

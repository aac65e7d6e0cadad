//! Sealed rows of the server, and the ladder of sizes.

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use undertone_wire::{
    padding::{LADDER, pad, unpad},
    sealed_row::{OVERHEAD, Table, open_row, row_key, seal_row},
};

use crate::cut::Cut;

/// A sealed row: a secret, and what is to be opened under it.
pub fn sealed_row(bytes: &[u8]) -> bool {
    let mut input = Cut::new(bytes);
    let (place, flip) = (usize::from(input.byte()), input.byte());
    let secret = input.part();
    let value = input.rest();
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let mut sealed = seal_row(Table::Alias, &[secret], value, &mut rng);
    assert_eq!(sealed.len(), value.len() + OVERHEAD);
    let opened = open_row(Table::Alias, &[secret], &sealed).expect("what was sealed opens");
    assert_eq!(opened.as_slice(), value);
    assert!(open_row(Table::Handle, &[secret], &sealed).is_err());
    assert_ne!(
        row_key(Table::Alias, &[secret]),
        row_key(Table::Alias, &[secret, value])
    );
    let place = place % sealed.len();
    sealed[place] ^= flip;
    assert_eq!(
        open_row(Table::Alias, &[secret], &sealed).is_ok(),
        flip == 0
    );
    open_row(Table::Alias, &[secret], value).is_ok() || flip == 0
}

/// Padded bytes.
pub fn padding(bytes: &[u8]) -> bool {
    let padded = pad(bytes.to_vec());
    if let Ok(padded) = &padded {
        assert!(LADDER.contains(&padded.len()));
        assert_eq!(unpad(padded.clone()).as_deref(), Ok(bytes));
    }
    let Ok(content) = unpad(bytes.to_vec()) else {
        return false;
    };
    // Of the steps that hold it only the smallest is ever made.
    pad(content).is_ok_and(|again| again == bytes)
}

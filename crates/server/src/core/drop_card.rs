//! The end of a card, by its owner.

use undertone_wire::{
    ids::{CardId, SignatureBytes},
    proto::{ErrorKind, send_answer},
    signing::{Purpose, verify},
};

use super::{
    batch::Batch,
    card_record::CardRecord,
    failure::{Outcome, refuse},
};
use crate::answer::done;

impl Batch<'_> {
    /// A card that is not there is dropped already.
    pub fn drop_card(
        &mut self,
        card: &CardId,
        digest: &[u8; 32],
        signature: &SignatureBytes,
    ) -> Outcome<send_answer::Body> {
        let Some((record, _)) = CardRecord::read(&self.core.store, card)? else {
            return Ok(done::SEND);
        };
        let signed = verify(
            &record.owner_key,
            Purpose::CardChange,
            &[digest],
            signature.as_bytes(),
        );
        if signed.is_err() {
            return refuse(
                ErrorKind::Unauthorised,
                "it is not signed by the card's owner",
            );
        }
        record.drop_rows(&self.core.store, card)?;
        Ok(done::SEND)
    }
}

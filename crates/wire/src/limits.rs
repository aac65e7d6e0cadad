//! Every limit of the protocol, in one table (`docs/protocol/limits.md` is a copy that a test compares).
//!
//! Sizes are in bytes unless the name says otherwise.

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $value:expr;)+) => {
        $($(#[doc = $doc])+ pub const $name: $type = $value;)+

        /// Name, value and meaning of each limit.
        pub const TABLE: &[(&str, u64, &str)] = &[$((stringify!($name), $value as u64, concat!($($doc),+))),+];
    };
}

limits! {
    /// A frame on any connection.
    FRAME_BYTES: usize = 1_048_576;
    /// A payload of a delivery, a commit or a Welcome.
    PAYLOAD_BYTES: usize = 524_328;
    /// Aliases that one delivery or commit names.
    ALIASES_PER_DELIVERY: usize = 2_048;
    /// A list of so many aliases or more is kept in memory, so that it can be delivered to again by its hash.
    NAMED_LIST_ALIASES: usize = 64;
    /// Lists that are kept so; those not used for long go first.
    NAMED_LISTS: usize = 512;
    /// Welcomes that one commit carries.
    WELCOMES_PER_COMMIT: usize = 64;
    /// A payload up to this size for few recipients lies inside their entries; others are shared.
    INLINE_PAYLOAD_BYTES: usize = 8_192;
    /// Up to this many recipients, a small payload lies inside their entries.
    INLINE_RECIPIENTS: usize = 4;
    /// Entries that one queue holds, so that one frame lists them; the oldest go first.
    ENTRIES_PER_QUEUE: usize = 50_000;
    /// Days until an entry that nobody acknowledged goes.
    ENTRY_DAYS: u32 = 30;
    /// Days that the sequencer keeps a commit.
    COMMIT_DAYS: u32 = 30;
    /// Entries that one request fetches or acknowledges, so that the largest still fit a frame.
    ENTRIES_PER_REQUEST: usize = 120;
    /// Aliases of one queue.
    ALIASES_PER_QUEUE: u32 = 20_000;
    /// Shortest lease of a queue, an alias or a handle, in weeks; the true one is longer at random.
    LEASE_WEEKS: u32 = 26;
    /// Longest lease of a card, in weeks.
    CARD_LEASE_WEEKS: u32 = 52;
    /// Slots of a card.
    CARD_SLOTS: u32 = 8;
    /// Items that one request puts on a card.
    CARD_ITEMS: usize = 128;
    /// A sealed item or head of a card.
    CARD_ITEM_BYTES: usize = 16_384;
    /// A chunk of a blob.
    BLOB_CHUNK_BYTES: usize = 262_144;
    /// Chunks of a blob (2 GiB).
    BLOB_CHUNKS: u32 = 8_192;
    /// Longest life of a blob, in days.
    BLOB_DAYS: u32 = 90;
    /// A sealed vault.
    VAULT_BYTES: usize = 524_288;
    /// Versions of the state vault.
    VAULT_VERSIONS: u32 = 7;
    /// Device certificates of an account, those revoked included.
    DEVICE_CERTIFICATES: usize = 64;
    /// A device certificate or revocation.
    DEVICE_RECORD_BYTES: usize = 512;
    /// An invite code.
    INVITE_CODE_BYTES: usize = 64;
    /// Tokens in a batch.
    TOKEN_BATCH: usize = 32;
    /// Tokens that one account is issued a day.
    TOKENS_PER_DAY: u32 = 1_024;
    /// Price of a queue, in tokens.
    PRICE_QUEUE: usize = 4;
    /// Price of a card.
    PRICE_CARD: usize = 4;
    /// Price of a change of a card.
    PRICE_CARD_CHANGE: usize = 1;
    /// Price of reading a card.
    PRICE_CARD_READ: usize = 1;
    /// Price of a handle at the sequencer.
    PRICE_HANDLE: usize = 1;
    /// Price of a blob for each MiB begun.
    PRICE_BLOB_MIB: usize = 1;
    /// Price of a sending connection.
    PRICE_SENDING: usize = 1;
    /// Price of a rescue.
    PRICE_RESCUE: usize = 1;
    /// Shortest life of a sending connection, in minutes; the true one is random.
    SENDING_MINUTES_MIN: u64 = 10;
    /// Longest life of a sending connection, in minutes.
    SENDING_MINUTES_MAX: u64 = 60;
    /// Seconds without a frame after which the server asks whether the client is there.
    HEARTBEAT_SECONDS: u64 = 30;
    /// Seconds that a connection may take to authenticate.
    AUTHENTICATE_SECONDS: u64 = 15;
    /// Answers and pushes that wait for one slow client, in bytes; beyond it the connection ends.
    OUTGOING_BYTES: usize = 8_388_608;
    /// Requests that one connection may have unanswered.
    REQUESTS_IN_FLIGHT: usize = 256;
    /// Connections from one address.
    CONNECTIONS_PER_ADDRESS: usize = 256;
    /// Registrations from one address in an hour.
    REGISTRATIONS_PER_HOUR: u32 = 20;
    /// Deliveries by alias string in a minute, be the alias dead or alive.
    DELIVERIES_PER_ALIAS_MINUTE: u32 = 3_000;
    /// Deliveries by alias string in a day from whoever is not proved to be in the conversation that the alias is bound to, be the alias dead or alive.
    STRANGERS_PER_ALIAS_DAY: u32 = 1_000;
    /// The name under which two devices of an account meet.
    LINK_MAILBOX_BYTES: usize = 4;
    /// Minutes that a device waits under such a name for another.
    LINK_MINUTES: u64 = 5;
    /// What one of two devices that meet passes to the other at once.
    LINK_PAYLOAD_BYTES: usize = 65_536;
    /// Payloads that each of two devices may pass while they meet.
    LINK_PAYLOADS: u32 = 16;
    /// Names under which devices wait at once.
    LINK_MAILBOXES: usize = 4_096;
    /// Tries of one address in a minute to open or to join a name.
    LINK_TRIES_PER_MINUTE: u32 = 20;
}

/// Chunks of a blob that are a MiB, for which one pays with the first of them.
pub const BLOB_CHUNKS_PER_MIB: u32 = (1_048_576 / BLOB_CHUNK_BYTES) as u32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::padding::LADDER;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_largest_envelope_is_a_payload_and_a_payload_fits_a_frame() {
        // Nonce and tag of the envelope come on top of the padding.
        assert_eq!(LADDER.last().map(|step| step + 40), Some(PAYLOAD_BYTES));
        const { assert!(PAYLOAD_BYTES + ALIASES_PER_DELIVERY * 34 < FRAME_BYTES) };
        // 150 bytes more for ids, tag and field headers of an entry; 18 for an id in a list.
        const { assert!(ENTRIES_PER_REQUEST * (INLINE_PAYLOAD_BYTES + 150) < FRAME_BYTES) };
        const { assert!(ENTRIES_PER_QUEUE * 18 < FRAME_BYTES - 65_536) };
    }

    #[cfg(not(target_family = "wasm"))]
    #[test]
    fn the_table_is_complete() {
        let table: String = TABLE
            .iter()
            .map(|(name, value, meaning)| format!("{name} = {value}:{meaning}\n"))
            .collect();
        insta::assert_snapshot!(table);
    }
}

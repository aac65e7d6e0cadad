//! Every statement of the services, in one place: a test asks SQLite how it would run each, and none may scan a table.

use super::{
    rearrange::{Arranged, Registry},
    sweep::{End, Memory, Swept},
};

macro_rules! statements {
    ($($name:ident = $sql:literal;)+) => {
        $(pub(super) const $name: &str = $sql;)+

        /// Name and text of each statement.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),+];
    };
}

statements! {
    RUN_NEXT = "INSERT INTO delivery.runs (run, period) VALUES (?1, 1) \
        ON CONFLICT (run) DO UPDATE SET period = period + 1 RETURNING period";

    QUEUE_GET = "SELECT sealed, lease_week FROM delivery.queues WHERE queue = ?1";
    QUEUE_PUT = "INSERT INTO delivery.queues (queue, lease_week, sealed) VALUES (?1, ?2, ?3)";
    QUEUE_RENEW = "UPDATE delivery.queues SET lease_week = ?2 WHERE queue = ?1";
    QUEUE_DROP = "DELETE FROM delivery.queues WHERE queue = ?1";

    ENTRY_PUT = "INSERT INTO delivery.entries (queue, entry, encapsulated, expiry_day, sealed) \
        VALUES (?1, ?2, ?3, ?4, ?5)";
    ENTRY_DROP = "DELETE FROM delivery.entries WHERE queue = ?1 AND entry = ?2";
    ENTRY_GET = "SELECT encapsulated, sealed FROM delivery.entries WHERE queue = ?1 AND entry = ?2";
    ENTRY_LIST = "SELECT encapsulated, entry FROM delivery.entries WHERE queue = ?1";
    ENTRY_COUNT = "SELECT count(*) FROM (SELECT 1 FROM delivery.entries WHERE queue = ?1 LIMIT ?2)";
    ENTRY_OF_OTHER_RUN = "SELECT entry FROM delivery.entries \
        WHERE queue = ?1 AND encapsulated <> ?2 LIMIT 256";
    ENTRY_PURGE = "DELETE FROM delivery.entries WHERE queue = ?1 AND entry IN \
        (SELECT entry FROM delivery.entries WHERE queue = ?1 LIMIT ?2)";

    ALIAS_GET = "SELECT sealed, lease_week FROM delivery.aliases WHERE alias = ?1";
    ALIAS_PUT = "INSERT INTO delivery.aliases (alias, lease_week, sealed) VALUES (?1, ?2, ?3) \
        ON CONFLICT (alias) DO UPDATE SET lease_week = excluded.lease_week, sealed = excluded.sealed";

    HANDLE_GET = "SELECT sealed, lease_week FROM delivery.handles WHERE handle = ?1";
    HANDLE_PUT = "INSERT INTO delivery.handles (handle, lease_week, sealed) VALUES (?1, ?2, ?3) \
        ON CONFLICT (handle) DO UPDATE SET lease_week = excluded.lease_week, sealed = excluded.sealed";
    HANDLE_RENEW = "UPDATE delivery.handles SET lease_week = ?2 WHERE handle = ?1";

    COMMIT_GET = "SELECT sealed FROM delivery.commits WHERE ended = ?1";
    COMMIT_PUT = "INSERT INTO delivery.commits (ended, expiry_day, sealed) VALUES (?1, ?2, ?3) \
        ON CONFLICT (ended) DO UPDATE SET expiry_day = excluded.expiry_day, sealed = excluded.sealed";

    PAYLOAD_GET = "SELECT sealed FROM delivery.payloads WHERE payload = ?1";
    PAYLOAD_PUT = "INSERT INTO delivery.payloads (payload, expiry_day, sealed) VALUES (?1, ?2, ?3)";
    PAYLOAD_DROP = "DELETE FROM delivery.payloads WHERE payload = ?1";
    CLAIM_PUT = "INSERT INTO delivery.claims (claim, expiry_day, refs) VALUES (?1, ?2, ?3)";
    CLAIM_RELEASE = "UPDATE delivery.claims SET refs = refs - 1 WHERE claim = ?1 RETURNING refs";
    CLAIM_DROP = "DELETE FROM delivery.claims WHERE claim = ?1";
    SLOT_GET = "SELECT sealed FROM delivery.slots WHERE slot = ?1";
    SLOT_PUT = "INSERT INTO delivery.slots (slot, expiry_day, sealed) VALUES (?1, ?2, ?3)";
    SLOT_DROP = "DELETE FROM delivery.slots WHERE slot = ?1";

    ACCOUNT_GET = "SELECT devices FROM directory.accounts WHERE account = ?1";
    ACCOUNT_PUT = "INSERT INTO directory.accounts (account, month, devices) VALUES (?1, ?2, ?3)";
    ACCOUNT_UPDATE = "UPDATE directory.accounts SET devices = ?2 WHERE account = ?1";
    VAULT_GET = "SELECT sealed FROM directory.vaults WHERE vault = ?1";
    VAULT_PUT = "INSERT INTO directory.vaults (vault, sealed) VALUES (?1, ?2) \
        ON CONFLICT (vault) DO UPDATE SET sealed = excluded.sealed";
    INVITE_GET = "SELECT sealed FROM directory.invites WHERE invite = ?1";
    INVITE_PUT = "INSERT INTO directory.invites (invite, lease_week, sealed) VALUES (?1, ?2, ?3)";
    INVITE_UPDATE = "UPDATE directory.invites SET sealed = ?2 WHERE invite = ?1";
    INVITE_DROP = "DELETE FROM directory.invites WHERE invite = ?1";

    CARD_GET = "SELECT sealed, lease_week FROM cards.cards WHERE card = ?1";
    CARD_PUT = "INSERT INTO cards.cards (card, lease_week, sealed) VALUES (?1, ?2, ?3) \
        ON CONFLICT (card) DO UPDATE SET lease_week = excluded.lease_week, sealed = excluded.sealed";
    CARD_DROP = "DELETE FROM cards.cards WHERE card = ?1";
    ITEM_GET = "SELECT sealed FROM cards.items WHERE item = ?1";
    ITEM_PUT = "INSERT INTO cards.items (item, lease_week, sealed) VALUES (?1, ?2, ?3) \
        ON CONFLICT (item) DO UPDATE SET lease_week = excluded.lease_week, sealed = excluded.sealed";
    ITEM_RENEW = "UPDATE cards.items SET lease_week = ?2 WHERE item = ?1";
    ITEM_DROP = "DELETE FROM cards.items WHERE item = ?1";
    READING_GET = "SELECT sealed FROM cards.readings WHERE reading = ?1";
    READING_PUT = "INSERT INTO cards.readings (reading, expiry_day, sealed) VALUES (?1, ?2, ?3) \
        ON CONFLICT (reading) DO UPDATE SET expiry_day = excluded.expiry_day, sealed = excluded.sealed";

    CHUNK_GET = "SELECT sealed, expiry_day FROM blobs.chunks WHERE chunk = ?1";
    CHUNK_PUT = "INSERT INTO blobs.chunks (chunk, expiry_day, sealed) VALUES (?1, ?2, ?3) \
        ON CONFLICT (chunk) DO UPDATE SET expiry_day = excluded.expiry_day, sealed = excluded.sealed";
    CHUNK_DROP = "DELETE FROM blobs.chunks WHERE chunk = ?1";

    SEED_GET = "SELECT seed FROM tokens.seeds WHERE day = ?1";
    SEED_PUT = "INSERT INTO tokens.seeds (day, period, seed) VALUES (?1, ?2, ?3)";
    SEEDS_FORGET = "DELETE FROM tokens.seeds WHERE period < ?1";
    SPENT_GET = "SELECT request FROM tokens.spent WHERE token = ?1";
    SPENT_PUT = "INSERT INTO tokens.spent (token, period, request) VALUES (?1, ?2, ?3)";
}

/// The tables that expiry walks.
pub(super) const SWEPT: &[Swept] = &[
    Swept {
        select: "SELECT queue, entry, expiry_day FROM delivery.entries \
            WHERE (queue, entry) > (?1, ?2) ORDER BY queue, entry LIMIT ?3",
        delete: "DELETE FROM delivery.entries WHERE queue = ?1 AND entry = ?2",
        end: End::Day,
        memory: Memory::EntryCounts,
    },
    Swept {
        select: "SELECT slot, x'', expiry_day FROM delivery.slots WHERE slot > ?1 ORDER BY slot LIMIT ?3",
        delete: "DELETE FROM delivery.slots WHERE slot = ?1 AND ?2 = x''",
        end: End::Day,
        memory: Memory::Nothing,
    },
    Swept {
        select: "SELECT claim, x'', expiry_day FROM delivery.claims WHERE claim > ?1 ORDER BY claim LIMIT ?3",
        delete: "DELETE FROM delivery.claims WHERE claim = ?1 AND ?2 = x''",
        end: End::Day,
        memory: Memory::Nothing,
    },
    Swept {
        select: "SELECT payload, x'', expiry_day FROM delivery.payloads WHERE payload > ?1 ORDER BY payload LIMIT ?3",
        delete: "DELETE FROM delivery.payloads WHERE payload = ?1 AND ?2 = x''",
        end: End::Day,
        memory: Memory::Nothing,
    },
    Swept {
        select: "SELECT ended, x'', expiry_day FROM delivery.commits WHERE ended > ?1 ORDER BY ended LIMIT ?3",
        delete: "DELETE FROM delivery.commits WHERE ended = ?1 AND ?2 = x''",
        end: End::Day,
        memory: Memory::Nothing,
    },
    Swept {
        select: "SELECT reading, x'', expiry_day FROM cards.readings WHERE reading > ?1 ORDER BY reading LIMIT ?3",
        delete: "DELETE FROM cards.readings WHERE reading = ?1 AND ?2 = x''",
        end: End::Day,
        memory: Memory::Nothing,
    },
    Swept {
        select: "SELECT chunk, x'', expiry_day FROM blobs.chunks WHERE chunk > ?1 ORDER BY chunk LIMIT ?3",
        delete: "DELETE FROM blobs.chunks WHERE chunk = ?1 AND ?2 = x''",
        end: End::Day,
        memory: Memory::Nothing,
    },
    Swept {
        select: "SELECT queue, x'', lease_week FROM delivery.queues WHERE queue > ?1 ORDER BY queue LIMIT ?3",
        delete: "DELETE FROM delivery.queues WHERE queue = ?1 AND ?2 = x''",
        end: End::Week,
        memory: Memory::Nothing,
    },
    Swept {
        select: "SELECT alias, x'', lease_week FROM delivery.aliases WHERE alias > ?1 ORDER BY alias LIMIT ?3",
        delete: "DELETE FROM delivery.aliases WHERE alias = ?1 AND ?2 = x''",
        end: End::Week,
        memory: Memory::Aliases,
    },
    Swept {
        select: "SELECT handle, x'', lease_week FROM delivery.handles WHERE handle > ?1 ORDER BY handle LIMIT ?3",
        delete: "DELETE FROM delivery.handles WHERE handle = ?1 AND ?2 = x''",
        end: End::Week,
        memory: Memory::Handles,
    },
    Swept {
        select: "SELECT card, x'', lease_week FROM cards.cards WHERE card > ?1 ORDER BY card LIMIT ?3",
        delete: "DELETE FROM cards.cards WHERE card = ?1 AND ?2 = x''",
        end: End::Week,
        memory: Memory::Nothing,
    },
    Swept {
        select: "SELECT item, x'', lease_week FROM cards.items WHERE item > ?1 ORDER BY item LIMIT ?3",
        delete: "DELETE FROM cards.items WHERE item = ?1 AND ?2 = x''",
        end: End::Week,
        memory: Memory::Nothing,
    },
    Swept {
        select: "SELECT invite, x'', lease_week FROM directory.invites WHERE invite > ?1 ORDER BY invite LIMIT ?3",
        delete: "DELETE FROM directory.invites WHERE invite = ?1 AND ?2 = x''",
        end: End::Week,
        memory: Memory::Nothing,
    },
    Swept {
        select: "SELECT token, x'', period FROM tokens.spent WHERE token > ?1 ORDER BY token LIMIT ?3",
        delete: "DELETE FROM tokens.spent WHERE token = ?1 AND ?2 = x''",
        end: End::TokenDay,
        memory: Memory::Nothing,
    },
];

/// The tables that are put in order.
pub(super) const REGISTRIES: &[Arranged] = &[
    Arranged {
        registry: Registry::Accounts,
        select: "SELECT account, month, devices FROM directory.accounts WHERE account > ?1 ORDER BY account LIMIT ?2",
        delete: "DELETE FROM directory.accounts WHERE account = ?1",
        insert: "INSERT INTO directory.accounts (account, month, devices) VALUES (?1, ?2, ?3)",
    },
    Arranged {
        registry: Registry::Invites,
        select: "SELECT invite, lease_week, sealed FROM directory.invites WHERE invite > ?1 ORDER BY invite LIMIT ?2",
        delete: "DELETE FROM directory.invites WHERE invite = ?1",
        insert: "INSERT INTO directory.invites (invite, lease_week, sealed) VALUES (?1, ?2, ?3)",
    },
    Arranged {
        registry: Registry::Queues,
        select: "SELECT queue, lease_week, sealed FROM delivery.queues WHERE queue > ?1 ORDER BY queue LIMIT ?2",
        delete: "DELETE FROM delivery.queues WHERE queue = ?1",
        insert: "INSERT INTO delivery.queues (queue, lease_week, sealed) VALUES (?1, ?2, ?3)",
    },
    Arranged {
        registry: Registry::Aliases,
        select: "SELECT alias, lease_week, sealed FROM delivery.aliases WHERE alias > ?1 ORDER BY alias LIMIT ?2",
        delete: "DELETE FROM delivery.aliases WHERE alias = ?1",
        insert: "INSERT INTO delivery.aliases (alias, lease_week, sealed) VALUES (?1, ?2, ?3)",
    },
    Arranged {
        registry: Registry::Handles,
        select: "SELECT handle, lease_week, sealed FROM delivery.handles WHERE handle > ?1 ORDER BY handle LIMIT ?2",
        delete: "DELETE FROM delivery.handles WHERE handle = ?1",
        insert: "INSERT INTO delivery.handles (handle, lease_week, sealed) VALUES (?1, ?2, ?3)",
    },
    Arranged {
        registry: Registry::Cards,
        select: "SELECT card, lease_week, sealed FROM cards.cards WHERE card > ?1 ORDER BY card LIMIT ?2",
        delete: "DELETE FROM cards.cards WHERE card = ?1",
        insert: "INSERT INTO cards.cards (card, lease_week, sealed) VALUES (?1, ?2, ?3)",
    },
    Arranged {
        registry: Registry::CardItems,
        select: "SELECT item, lease_week, sealed FROM cards.items WHERE item > ?1 ORDER BY item LIMIT ?2",
        delete: "DELETE FROM cards.items WHERE item = ?1",
        insert: "INSERT INTO cards.items (item, lease_week, sealed) VALUES (?1, ?2, ?3)",
    },
];

//! What there is to do, at a glance: one statement instead of a query for each kind of work.

use undertone_wire::time::Timestamp;

use crate::{
    ReadTx, StoreError,
    rows::{number, time},
};

/// What waits for the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Survey {
    /// The server knows the account.
    pub registered: bool,
    /// The server has the queue.
    pub queue_made: bool,
    /// Tokens are set aside for the queue.
    pub queue_paid: bool,
    /// Unspent tokens that are still accepted.
    pub tokens: u64,
    /// Aliases to register or to drop.
    pub aliases: bool,
    /// When the next lease of an alias should be renewed; 0 for never.
    pub renew_at: Timestamp,
    /// When the next alias retires; 0 for never.
    pub retire_at: Timestamp,
    /// Entries to acknowledge.
    pub acks: bool,
    /// Cards to publish or to drop.
    pub cards: bool,
    /// The earliest last week of a card that is renewed; 0 if there is none.
    pub published_until: u32,
    /// When the next card ends by itself; 0 for never.
    pub card_expires_at: Timestamp,
    /// Links under way.
    pub adds: bool,
    /// Groups whose handle is not made.
    pub handles: bool,
    /// When the next own leaf that is wanted anew is due; 0 if none is wanted.
    pub leaf_due_at: Timestamp,
    /// When the oldest own leaf was made; 0 if there is none.
    pub oldest_leaf_at: Timestamp,
    /// Groups that are behind their sequencer and can catch up.
    pub behind: bool,
    /// Commits for the sequencer.
    pub commits: bool,
    /// Items in the outbox.
    pub outbox: bool,
    /// When the next receipt is due; 0 for never.
    pub receipt_at: Timestamp,
    /// When the next wish for a group that is not behind is due; 0 if there is none.
    pub wish_at: Timestamp,
    /// Certificates or revocations that the directory lacks.
    pub devices_due: bool,
    /// Registers of which the account's other devices have still to be told.
    pub registers: bool,
    /// Places that this device wants in groups.
    pub places: bool,
    /// When this device calls for help next in a group in which it fell behind; 0 for never.
    pub call_at: Timestamp,
    /// When the next group that is broken is to be founded anew; 0 for never.
    pub found_anew_at: Timestamp,
    /// Histories on their way from or to another device.
    pub transfers: bool,
    /// The account has, or had, other devices, and this one is among them.
    pub among_devices: bool,
}

impl ReadTx<'_> {
    /// What waits. Tokens before `first_day` do not count.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn survey(&self, first_day: u32) -> Result<Survey, StoreError> {
        // Kind 11 is `WishKind::Renew`: it has a time of its own, and no group that must first catch up.
        let mut statement = self.statement(
            "SELECT
                 coalesce((SELECT registered FROM account), 0),
                 coalesce((SELECT queue_made FROM account), 0),
                 coalesce((SELECT length(queue_tokens) > 0 FROM account), 0),
                 (SELECT count(*) FROM tokens WHERE day >= ?1),
                 EXISTS (SELECT 1 FROM aliases WHERE state IN (0, 2)),
                 coalesce((SELECT min(renew_at) FROM aliases WHERE state = 1), 0),
                 coalesce((SELECT min(retire_at) FROM aliases WHERE retire_at > 0 AND state <> 2), 0),
                 EXISTS (SELECT 1 FROM acks),
                 EXISTS (SELECT 1 FROM cards WHERE state <> 1 OR put <> x'' OR head_due = 1),
                 coalesce((SELECT min(published_until) FROM cards WHERE state = 1 AND kind IN (1, 4)), 0),
                 coalesce((SELECT min(expires_at) FROM cards WHERE expires_at > 0 AND state <> 2), 0),
                 EXISTS (SELECT 1 FROM adds),
                 EXISTS (SELECT 1 FROM groups WHERE handle_made = 0),
                 coalesce((SELECT max(1, min(leaf_due)) FROM groups WHERE wants_leaf = 1), 0),
                 coalesce((SELECT min(leaf_at) FROM groups), 0),
                 EXISTS (SELECT 1 FROM groups WHERE behind > 0
                     AND NOT EXISTS (SELECT 1 FROM places WHERE places.group_id = groups.group_id)),
                 EXISTS (SELECT 1 FROM pending_commits WHERE accepted = 0),
                 EXISTS (SELECT 1 FROM outbox),
                 coalesce((SELECT min(due_at) FROM receipts), 0),
                 coalesce((SELECT max(1, min(due_at)) FROM wishes WHERE kind <> 11 AND NOT EXISTS (
                     SELECT 1 FROM chats JOIN groups USING (group_id)
                     WHERE chats.chat = wishes.chat AND groups.behind > 0)), 0),
                 coalesce((SELECT devices_due FROM account), 0),
                 EXISTS (SELECT 1 FROM registers WHERE unsent = 1),
                 EXISTS (SELECT 1 FROM places)
                     OR (SELECT length(devices) > 0 FROM account)
                     AND EXISTS (SELECT 1 FROM chats WHERE state = 1 AND group_id <> x''
                         AND NOT EXISTS (SELECT 1 FROM groups WHERE groups.group_id = chats.group_id)),
                 EXISTS (SELECT 1 FROM transfers WHERE state = 0
                     OR giving = 1 AND chunks > 0 AND (state = 2 OR state = 1 AND put <> x'')),
                 coalesce((SELECT length(devices) > 0 FROM account), 0)
                     AND EXISTS (SELECT 1 FROM groups JOIN chats USING (group_id) WHERE chats.kind = 0),
                 coalesce((SELECT min(call_at) FROM places WHERE call_at > 0), 0),
                 coalesce((SELECT max(1, min(due_at)) FROM wishes WHERE kind = 11), 0)",
        )?;
        Ok(statement.query_row([first_day], |row| {
            Ok(Survey {
                registered: row.get(0)?,
                queue_made: row.get(1)?,
                queue_paid: row.get(2)?,
                tokens: number(row, 3)?,
                aliases: row.get(4)?,
                renew_at: time(row, 5)?,
                retire_at: time(row, 6)?,
                acks: row.get(7)?,
                cards: row.get(8)?,
                published_until: row.get(9)?,
                card_expires_at: time(row, 10)?,
                adds: row.get(11)?,
                handles: row.get(12)?,
                leaf_due_at: time(row, 13)?,
                oldest_leaf_at: time(row, 14)?,
                behind: row.get(15)?,
                commits: row.get(16)?,
                outbox: row.get(17)?,
                receipt_at: time(row, 18)?,
                wish_at: time(row, 19)?,
                devices_due: row.get(20)?,
                registers: row.get(21)?,
                places: row.get(22)?,
                transfers: row.get(23)?,
                among_devices: row.get(24)?,
                call_at: time(row, 25)?,
                found_anew_at: time(row, 26)?,
            })
        })?)
    }
}

//! The cards by which others reach this account.

use rusqlite::{OptionalExtension as _, Row, params};
use undertone_wire::{reach::ReachSecret, time::Timestamp};
use zeroize::Zeroizing;

use crate::{
    ReadTx, StoreError, WriteTx,
    rows::{choice, choice_number, time},
};

/// Who holds a card's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardKind {
    /// Holders of the reusable link.
    Link,
    /// One person.
    Once,
    /// Accepted contacts.
    Contacts,
    /// Whoever is to add this account to one group. Never on the server: its KeyPackages are sent.
    Admission,
    /// Never on the server: by it this device is added to conversations by the account's other devices.
    OwnDevice,
    /// Never on the server: by it a new device asks for a place among the account's devices.
    Newcomer,
    /// Never on the server: by it this device, which fell behind, is added anew to one conversation.
    Rescue,
}

impl CardKind {
    /// Whether it is on no server: this device alone knows whom it told.
    pub fn is_local(self) -> bool {
        match self {
            Self::Link | Self::Once | Self::Contacts => false,
            Self::Admission | Self::OwnDevice | Self::Newcomer | Self::Rescue => true,
        }
    }
}

/// How far a card has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardState {
    /// To be published.
    Wanted,
    /// On the server.
    Published,
    /// To be taken off the server.
    Dropping,
}

const KINDS: &[(i64, CardKind)] = &[
    (1, CardKind::Link),
    (2, CardKind::Once),
    (4, CardKind::Contacts),
    (5, CardKind::Admission),
    (6, CardKind::OwnDevice),
    (7, CardKind::Newcomer),
    (8, CardKind::Rescue),
];
const STATES: &[(i64, CardState)] = &[
    (0, CardState::Wanted),
    (1, CardState::Published),
    (2, CardState::Dropping),
];

/// A card of this account.
#[derive(Clone)]
pub struct CardRow {
    /// What readers must hold.
    pub secret: ReachSecret,
    /// Who holds it.
    pub kind: CardKind,
    /// Seed of the owner key.
    pub owner_seed: Zeroizing<Vec<u8>>,
    /// How far it has come.
    pub state: CardState,
    /// The last week for which the server has an item.
    pub published_until: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself; 0 for never.
    pub expires_at: Timestamp,
    /// The request under way with its tokens, or empty.
    pub put: Vec<u8>,
    /// The place of this device's KeyPackages on it.
    pub slot: u32,
    /// Whether its head is to be put anew: the account's devices are others now.
    pub head_due: bool,
}

fn read(row: &Row<'_>) -> rusqlite::Result<CardRow> {
    let secret: [u8; 32] = row.get(0)?;
    Ok(CardRow {
        secret: ReachSecret::new(secret),
        kind: choice(row, 1, KINDS)?,
        owner_seed: row.get(2).map(Zeroizing::new)?,
        state: choice(row, 3, STATES)?,
        published_until: row.get(4)?,
        created_at: time(row, 5)?,
        expires_at: time(row, 6)?,
        put: row.get(7)?,
        slot: row.get(8)?,
        head_due: row.get(9)?,
    })
}

impl ReadTx<'_> {
    /// All cards.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn cards(&self) -> Result<Vec<CardRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT secret, kind, owner_seed, state, published_until, created_at, expires_at, put, slot,
                 head_due
             FROM cards ORDER BY created_at, secret",
        )?;
        let rows = statement.query_map([], read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// The card of a secret.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn card(&self, secret: &ReachSecret) -> Result<Option<CardRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT secret, kind, owner_seed, state, published_until, created_at, expires_at, put, slot,
                 head_due
             FROM cards WHERE secret = ?1",
        )?;
        Ok(statement.query_row([secret.as_bytes()], read).optional()?)
    }
}

impl WriteTx<'_> {
    /// Keeps a card, in place of what was known of it.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_card(&self, card: &CardRow) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR REPLACE INTO cards (secret, kind, owner_seed, state, published_until, created_at, expires_at, put,
                 slot, head_due)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            card.secret.as_bytes(),
            choice_number(card.kind, KINDS),
            *card.owner_seed,
            choice_number(card.state, STATES),
            card.published_until,
            card.created_at.0.cast_signed(),
            card.expires_at.0.cast_signed(),
            card.put,
            card.slot,
            card.head_due,
        ])?;
        Ok(())
    }

    /// Forgets a card.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_card(&self, secret: &ReachSecret) -> Result<(), StoreError> {
        self.statement("DELETE FROM cards WHERE secret = ?1")?
            .execute([secret.as_bytes()])?;
        Ok(())
    }
}

//! Wishes for a group: noted at once, carried out by commits until the group is as wished or never can be.

use undertone_store::{
    chats::ChatId,
    wishes::{WishKind, WishRow},
};
use undertone_wire::{
    ids::{AccountId, ReaderNonce},
    time::Timestamp,
};

use crate::{error::EngineError, step::Step};

/// Marks a wish that no user had: nothing is said when it is given up.
pub(crate) const QUIET: i64 = 1;

/// What is wished.
pub(crate) struct Wish {
    kind: WishKind,
    account: Vec<u8>,
    text: String,
    number: i64,
    due_at: Timestamp,
    admission: Vec<u8>,
}

impl Wish {
    /// For the group as a whole.
    pub(crate) fn new(kind: WishKind) -> Self {
        Self {
            kind,
            account: Vec::new(),
            text: String::new(),
            number: 0,
            due_at: Timestamp(0),
            admission: Vec::new(),
        }
    }

    /// About somebody.
    pub(crate) fn about(kind: WishKind, account: &AccountId) -> Self {
        Self {
            account: account.to_vec(),
            ..Self::new(kind)
        }
    }

    /// With a text.
    pub(crate) fn text(self, text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..self
        }
    }

    /// With a number.
    pub(crate) fn number(self, number: i64) -> Self {
        Self { number, ..self }
    }

    /// By which somebody is added.
    pub(crate) fn admission(self, admission: Vec<u8>) -> Self {
        Self { admission, ..self }
    }

    /// Not before a time.
    pub(crate) fn due(self, due_at: Timestamp) -> Self {
        Self { due_at, ..self }
    }
}

/// Notes a wish. It takes the place of those that it contradicts or repeats.
pub(crate) fn add_wish(step: &mut Step<'_>, chat: &ChatId, wish: Wish) -> Result<(), EngineError> {
    for other in step.tx.wishes_for(chat)? {
        if is_same(&other, &wish) {
            return Ok(());
        }
        if is_about_the_same(&other, &wish) {
            step.tx.delete_wish(other.seq)?;
        }
    }
    let reader = ReaderNonce::random(step.rng);
    step.tx.put_wish(&WishRow {
        seq: 0,
        chat: *chat,
        kind: wish.kind,
        account: wish.account,
        text: wish.text,
        number: wish.number,
        due_at: wish.due_at,
        reader,
        token: Vec::new(),
        admission: wish.admission,
    })?;
    Ok(())
}

fn is_same(other: &WishRow, wish: &Wish) -> bool {
    other.kind == wish.kind
        && other.account == wish.account
        && other.text == wish.text
        && other.number == wish.number
}

fn is_about_the_same(other: &WishRow, wish: &Wish) -> bool {
    let membership = |kind| matches!(kind, WishKind::Add | WishKind::Remove | WishKind::Follow);
    if membership(other.kind) && membership(wish.kind) {
        return other.account == wish.account;
    }
    let by_name = matches!(
        wish.kind,
        WishKind::Permission | WishKind::AddDevice | WishKind::RemoveDevice
    );
    let named = !by_name || other.text == wish.text;
    other.kind == wish.kind && other.account == wish.account && named
}

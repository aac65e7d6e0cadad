//! A device that is new in the account asks the others for a place in each conversation: a few at a time, first where
//! something waits to be sent, then the newest.

use prost::Message as _;
use undertone_content::{
    content::{Body, PlaceRequest},
    proto as content,
    register::kind,
};
use undertone_mls::{CardKind, GroupId, LeafInfo, make_key_package, seal_welcome};
use undertone_store::{
    ReadTx,
    aliases::AliasState,
    cards::CardKind as StoredKind,
    chats::{ChatId, ChatKind, ChatRow, ChatState},
    places::PlaceRow,
};
use undertone_wire::{
    ids::{Alias, Handle},
    proto::{self, send_request::Body as Request},
    reach::ReachSecret,
    time::Timestamp,
};

use crate::{
    cards::{keep_local_card, want_card_alias},
    conversation::{group_id, put_into_outbox},
    engine::Engine,
    error::EngineError,
    join_account::DOOR,
    share_own_state::thread_of,
    step::Step,
    tasks::{Hold, SendTask},
};

/// Places that are asked for and not there yet, at most.
const AT_ONCE: usize = 8;

impl Engine {
    /// Asks for places; tells whether any are wanted.
    pub(crate) fn ask_for_places(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        if !self.survey.places {
            return Ok(false);
        }
        if self.is_outside()? {
            self.ask_at_the_door(now)?;
        } else if self.store.read(has_to_ask)? {
            // Nothing is written while there is nothing to ask: every writing has the engine look for work again.
            self.step(now, ask)?;
        }
        Ok(true)
    }

    /// Whoever is not among the account's devices yet asks at the address that it was given, again and again: it may not
    /// have stood the first time.
    fn ask_at_the_door(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let under_way = self
            .send
            .unanswered()
            .any(|task| *task == SendTask::AskToJoin);
        if under_way || !self.send.is_ready() || self.is_held(&Hold::Joining, now) {
            return Ok(());
        }
        if !self.store.read(place_among_devices_stands)? {
            return Ok(());
        }
        let asked = self.step(now, |step| {
            let (Some(door), Some(notes)) = (step.tx.setting_get(DOOR)?, step.tx.notes()?) else {
                return Ok(None);
            };
            let Some(place) = step.tx.place(&notes.group_id)? else {
                return Ok(None);
            };
            let (alias, secret) = door.split_at(door.len().min(32));
            let secret: [u8; 32] = secret
                .try_into()
                .map_err(|_| EngineError::Damaged("the way into the account"))?;
            let request = PlaceRequest {
                secret: own_card(step)?,
                places: vec![(place.group_id, place.key_package)],
            };
            let knock_key = ReachSecret::new(secret).knock_key();
            let payload = seal_welcome(&knock_key, request.encode(), step.rng)
                .map_err(|_| EngineError::Mls("sealing a request"))?;
            Ok::<_, EngineError>(Some(proto::Deliver {
                aliases: vec![alias.to_vec()],
                payload: payload.into(),
                guard: None,
                live: false,
                list: Vec::new(),
            }))
        })?;
        if let Some(body) = asked {
            self.ask_sending(Request::Deliver(body), SendTask::AskToJoin, now);
        }
        Ok(())
    }

    /// In how many conversations this device has no place yet though the account's other devices have, or has fallen
    /// behind for good.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn places_wanted(&self) -> Result<usize, EngineError> {
        Ok(self.chats_without_place()?.len() + usize::from(self.is_outside()?))
    }

    /// The conversations in which this device has no place yet: what is written in them waits.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn chats_without_place(&self) -> Result<Vec<ChatId>, EngineError> {
        self.store.read(|tx| {
            let mut chats = Vec::new();
            for place in tx.places()?.iter().filter(|place| place.is_lost()) {
                // Where it is known that the group is broken, nobody is waited for in it.
                let chat = tx.chat(&place.chat)?;
                chats.extend(
                    chat.filter(|chat| chat.state != ChatState::Failed)
                        .map(|chat| chat.chat),
                );
            }
            // Who has one device only is everywhere else.
            if tx
                .account()?
                .is_some_and(|account| !account.devices.is_empty())
            {
                chats.extend(wanted(tx)?.into_iter().map(|(chat, _)| chat.chat));
            }
            Ok(chats)
        })
    }

    /// Whether this device was linked and is not among the account's devices yet.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn is_outside(&self) -> Result<bool, EngineError> {
        self.store.read(|tx| {
            let notes = tx.notes()?;
            let among = notes.map(|notes| tx.group(&notes.group_id)).transpose()?;
            Ok(among.is_some_and(|group| group.is_none()))
        })
    }

    /// Whatever was asked for is asked for again: those who were asked may never have heard it.
    pub(crate) fn ask_again(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let asked = self.store.read(|tx| tx.places())?;
        if asked.iter().all(|place| !place.asked) {
            return Ok(());
        }
        self.step(now, |step| {
            for place in asked {
                step.tx.put_place(&PlaceRow {
                    asked: false,
                    ..place
                })?;
            }
            Ok(())
        })
    }
}

/// Whether the address stands at which the Welcome to the account's devices is to come.
fn place_among_devices_stands(tx: &ReadTx<'_>) -> Result<bool, EngineError> {
    let Some(notes) = tx.notes()? else {
        return Ok(false);
    };
    match tx.place(&notes.group_id)? {
        Some(place) => stands(tx, &place.alias),
        None => Ok(false),
    }
}

/// Whether there is a place to make, or one to ask for whose address stands.
fn has_to_ask(tx: &ReadTx<'_>) -> Result<bool, EngineError> {
    let places = tx.places()?;
    for place in places.iter().filter(|place| !place.asked) {
        if stands(tx, &place.alias)? {
            return Ok(true);
        }
    }
    if places.len() >= AT_ONCE {
        return Ok(false);
    }
    let made = |chat: &ChatRow| places.iter().any(|place| place.group_id == chat.group_id);
    Ok(wanted(tx)?.iter().any(|(chat, _)| !made(chat)))
}

/// Makes places for the next conversations, and asks for those whose addresses stand.
fn ask(step: &mut Step<'_>) -> Result<(), EngineError> {
    let mut places = step.tx.places()?;
    let mut wanted = wanted(step.tx)?;
    wanted.retain(|(chat, _)| places.iter().all(|place| place.group_id != chat.group_id));
    let room = AT_ONCE.saturating_sub(places.len());
    for (chat, handle) in wanted.into_iter().take(room) {
        let name = match chat.kind {
            ChatKind::Group => name_in_group(step.tx, &chat)?,
            ChatKind::Direct | ChatKind::Notes => String::new(),
        };
        let card = own_card(step)?;
        let id = group_id(&chat.group_id)?;
        let place = make_place(step, &chat.chat, id, handle, name, &card)?;
        step.tx.put_place(&place)?;
    }
    let Some(notes) = step.tx.notes()? else {
        return Ok(());
    };
    // One request for each card by which places were made: nearly always one.
    let mut asked: Vec<PlaceRequest> = Vec::new();
    places.retain(|place| !place.asked);
    for mut place in places {
        let alias = step.tx.alias(&place.alias)?;
        let stands = alias.filter(|row| row.state == AliasState::Registered);
        let Some(secret) = stands.and_then(|row| row.card) else {
            continue;
        };
        let wanted = (place.group_id.clone(), place.key_package.clone());
        match asked.iter_mut().find(|request| request.secret == secret) {
            Some(request) => request.places.push(wanted),
            None => asked.push(PlaceRequest {
                secret,
                places: vec![wanted],
            }),
        }
        place.asked = true;
        step.tx.put_place(&place)?;
    }
    for request in asked {
        put_into_outbox(step, &notes.chat, Body::PlaceRequest(request))?;
    }
    Ok(())
}

/// The conversations in which this device has no place, in the order in which it wants them, with the handles that the
/// others told.
fn wanted(tx: &ReadTx<'_>) -> Result<Vec<(ChatRow, Handle)>, EngineError> {
    let mut wanted = Vec::new();
    for chat in tx.chats()? {
        let open = chat.state == ChatState::Active && chat.kind != ChatKind::Notes;
        if !open || chat.group_id.is_empty() || tx.group(&chat.group_id)?.is_some() {
            continue;
        }
        let register = tx.register(kind::CHAT, &thread_of(&chat))?;
        let told = register.and_then(|row| content::OwnChat::decode(row.value.as_slice()).ok());
        let waits = !tx.outbox_of(&chat.chat)?.is_empty();
        let told = told.filter(|told| told.group_id == chat.group_id);
        let handle = told.and_then(|told| Handle::try_from(told.handle.as_slice()).ok());
        if let Some(handle) = handle {
            wanted.push((waits, chat, handle));
        }
    }
    wanted.sort_by_key(|(waits, chat, _)| (!waits, std::cmp::Reverse(chat.last_at)));
    let in_order = wanted.into_iter().map(|(_, chat, handle)| (chat, handle));
    Ok(in_order.collect())
}

/// A KeyPackage for one group, with an address that takes only what that group's guard lets through.
pub(crate) fn make_place(
    step: &mut Step<'_>,
    chat: &ChatId,
    group_id: GroupId,
    handle: Handle,
    name: String,
    card: &ReachSecret,
) -> Result<PlaceRow, EngineError> {
    let alias = Alias::random(step.rng);
    let leaf = LeafInfo {
        alias,
        rescue_key: step.me.rescue_key,
        card: CardKind::OwnDevice,
        name,
    };
    let made = make_key_package(&step.mls().provider(), &step.me.identity, &leaf, false)
        .map_err(|_| EngineError::Mls("making a KeyPackage"))?;
    want_card_alias(step, alias, card, Some(handle), Some(&made), Timestamp(0))?;
    Ok(PlaceRow {
        group_id: group_id.as_bytes().to_vec(),
        chat: *chat,
        alias,
        key_package: made.bytes,
        following: Vec::new(),
        asked: false,
        call_at: Timestamp(0),
        calls: 0,
        call: Vec::new(),
    })
}

/// What one is called in a group, as its leaf says.
fn name_in_group(tx: &ReadTx<'_>, chat: &ChatRow) -> Result<String, EngineError> {
    let own = own_name_in_group(tx, chat)?;
    if !own.is_empty() {
        return Ok(own);
    }
    Ok(tx
        .account()?
        .map(|account| account.name)
        .unwrap_or_default())
}

/// The name that one chose for a group; empty for the usual one.
pub(crate) fn own_name_in_group(tx: &ReadTx<'_>, chat: &ChatRow) -> Result<String, EngineError> {
    let register = tx.register(kind::GROUP_NAME, &thread_of(chat))?;
    let name = register.and_then(|row| String::from_utf8(row.value).ok());
    Ok(name.unwrap_or_default())
}

/// The card that is on no server, by whose knock key the account's other devices welcome this one.
pub(crate) fn own_card(step: &mut Step<'_>) -> Result<ReachSecret, EngineError> {
    let mut cards = step.tx.cards()?.into_iter();
    if let Some(card) = cards.find(|card| card.kind == StoredKind::OwnDevice) {
        return Ok(card.secret);
    }
    keep_local_card(step, StoredKind::OwnDevice, Timestamp(0))
}

fn stands(tx: &ReadTx<'_>, alias: &Alias) -> Result<bool, EngineError> {
    let alias = tx.alias(alias)?;
    Ok(alias.is_some_and(|row| row.state == AliasState::Registered))
}

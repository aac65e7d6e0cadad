//! The calls of a device that wants a place in a group: whom it calls, when, and until when
//! (`docs/protocol/conversations.md`, *Falling behind* and *Following*).

use prost::Message as _;
use undertone_content::content::PlaceRequest;
use undertone_mls::{ConversationKind, Member};
use undertone_store::{
    aliases::AliasState,
    chats::{ChatKind, ChatState},
    places::PlaceRow,
};
use undertone_wire::{
    limits,
    proto::{self, send_request::Body as Request},
    rescue,
    signing::hash_parts,
    time::{DAY_MS, MINUTE_MS, Timestamp},
};

use crate::{
    conversation::members_of,
    engine::Engine,
    error::EngineError,
    fall_behind::forget_place,
    leave_group::forget,
    loaded_groups::view_group,
    receive_commit::fail,
    step::Step,
    tasks::{Hold, SendTask},
};

/// How long it waits for the member that it called before it calls another; then once a day.
const WAITS_MS: [u64; 6] = [
    MINUTE_MS / 3,
    2 * MINUTE_MS,
    10 * MINUTE_MS,
    20 * MINUTE_MS,
    60 * MINUTE_MS,
    6 * 60 * MINUTE_MS,
];

/// After so many calls, over eleven days, nobody is expected to answer any more.
const CALLS: u32 = 16;

impl Engine {
    /// Calls the next member for help, in each group in which that is due; tells whether there is one.
    pub(crate) fn call_for_help(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        if self.survey.call_at == Timestamp(0) || self.survey.call_at > now {
            return Ok(false);
        }
        let places = self.store.read(|tx| tx.places())?;
        let due = places
            .into_iter()
            .filter(|place| place.is_lost() && place.call_at <= now);
        let first_day = self.first_token_day(now);
        for place in due {
            let task = SendTask::CallForHelp(place.group_id.clone());
            let under_way = self.send.unanswered().any(|other| *other == task);
            let held = self.is_held(&Hold::Help(place.group_id.clone()), now);
            if under_way || held || !self.send.is_ready() {
                continue;
            }
            let call = self.step(now, |step| prepare(step, place, first_day))?;
            if let Some(call) = call {
                self.ask_sending(Request::Rescue(call), task, now);
            }
        }
        Ok(true)
    }

    /// The server has the call.
    pub(crate) fn called(&mut self, id: &[u8], now: Timestamp) -> Result<(), EngineError> {
        self.release(&Hold::Help(id.to_vec()));
        self.step(now, |step| {
            let Some(mut place) = step.tx.place(id)? else {
                return Ok(());
            };
            if place.calls >= CALLS {
                return give_up(step, &place);
            }
            let wait = WAITS_MS.get(place.calls as usize).copied();
            place.call_at = now.plus(wait.unwrap_or(DAY_MS));
            place.calls = place.calls.saturating_add(1);
            place.call.clear();
            Ok(step.tx.put_place(&place)?)
        })
    }

    pub(crate) fn call_refused(
        &mut self,
        id: &[u8],
        error: &proto::ServiceError,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.hold(Hold::Help(id.to_vec()), error, now);
        // Whatever was wrong with it: the next call is made anew.
        self.store.write(|tx| match tx.place(id)? {
            Some(place) => Ok(tx.put_place(&PlaceRow {
                call: Vec::new(),
                ..place
            })?),
            None => Ok(()),
        })
    }
}

/// Nobody answered: this device may have been put out. Whoever is in it can still add it.
fn give_up(step: &mut Step<'_>, place: &PlaceRow) -> Result<(), EngineError> {
    forget_place(step, &place.group_id)?;
    let Some(chat) = step.tx.chat(&place.chat)? else {
        return Ok(());
    };
    if chat.group_id == place.group_id && chat.state == ChatState::Left {
        return forget(step, &chat.chat);
    }
    if chat.group_id != place.group_id || chat.state != ChatState::Active {
        return Ok(());
    }
    let reason = match chat.kind {
        ChatKind::Group => {
            "this device was away for too long, and nobody has added it again; ask somebody in the group to add you"
        }
        ChatKind::Direct | ChatKind::Notes => {
            "this device was away for too long, and they have not added it again; follow a new link of theirs"
        }
    };
    fail(step, chat, reason)
}

/// The next call, to the member whose turn it is; none if nobody can be called yet.
fn prepare(
    step: &mut Step<'_>,
    mut place: PlaceRow,
    first_day: u32,
) -> Result<Option<proto::Rescue>, EngineError> {
    if !place.call.is_empty() {
        return proto::Rescue::decode(place.call.as_slice())
            .map(Some)
            .map_err(|_| EngineError::Damaged("a call for help"));
    }
    let alias = step.tx.alias(&place.alias)?;
    let stands = alias.filter(|row| row.state == AliasState::Registered);
    let Some(secret) = stands.and_then(|row| row.card) else {
        return Ok(None);
    };
    if !step.tx.card_aliases_settled(&secret)? {
        return Ok(None);
    }
    let Some(member) = next_to_call(step, &place)? else {
        return Ok(None);
    };
    let by = [&place.key_package, &place.following].into_iter();
    let by = by.filter(|key_package| !key_package.is_empty());
    let request = PlaceRequest {
        secret,
        places: by
            .map(|key_package| (place.group_id.clone(), key_package.clone()))
            .collect(),
    };
    // A leaf whose rescue key nobody can seal for is passed over, as one that does not answer.
    let payload = rescue::seal(&member.leaf.rescue_key, request.encode()).unwrap_or_default();
    let Some(token) = step.tx.take_tokens(limits::PRICE_RESCUE, first_day)? else {
        return Ok(None);
    };
    let call = proto::Rescue {
        alias: member.leaf.alias.to_vec(),
        payload: payload.into(),
        token: token.concat(),
    };
    place.call = call.encode_to_vec();
    step.tx.put_place(&place)?;
    Ok(Some(call))
}

/// Whose turn it is: in a group an admin, who may have founded it anew, and any other member by turns, in one that is known
/// to be broken admins alone. In an order by lot, and each of them once before any is called again.
fn next_to_call(step: &Step<'_>, place: &PlaceRow) -> Result<Option<Member>, EngineError> {
    let broken = step
        .tx
        .chat(&place.chat)?
        .is_some_and(|chat| chat.state == ChatState::Failed);
    let group = view_group(step, &place.group_id)?;
    let mut others = members_of(&group)?.to_vec();
    let me = step.me.identity.certificate.device_key;
    others.retain(|member| member.certificate.device_key != me);
    others.sort_by_cached_key(|member| {
        let parts: [&[u8]; 2] = [place.alias.as_bytes(), member.leaf.alias.as_bytes()];
        hash_parts("undertone/1 call order", &parts)
    });
    let is_admin = |member: &Member| group.rules().is_admin(&member.account);
    let mut turn = place.calls as usize;
    if group.rules().kind == ConversationKind::Group {
        let of_admin = broken || turn.is_multiple_of(2);
        if !broken {
            turn /= 2;
        }
        if of_admin && others.iter().any(is_admin) {
            others.retain(is_admin);
        }
    }
    let turn = turn % others.len().max(1);
    Ok(others.into_iter().nth(turn))
}

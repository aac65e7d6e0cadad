//! Invitations to groups: got from somebody who may not add one without being asked, and answered.

use prost::Message as _;
use undertone_content::{
    change::Change as Line,
    content::{Admission, Body, GroupInvitation, InvitationAnswer},
};
use undertone_mls::{LeafInfo, make_key_package};
use undertone_store::{
    cards::CardKind,
    chats::{ChatRow, ChatState},
    invitations::InvitationRow,
    wishes::{WishKind, WishRow},
};
use undertone_wire::{
    ids::{AccountId, Alias, ContentId, ReaderNonce},
    reach::ReachSecret,
    time::{Timestamp, WEEK_MS},
};

use crate::{
    cards::{keep_local_card, want_card_alias},
    conversation::put_into_outbox,
    engine::Engine,
    error::{CommandError, EngineError},
    event::{Event, note},
    step::Step,
    system_line::say_once,
};

/// Invitations that wait; more of one person's are let go.
const MAX_INVITATIONS: usize = 64;
/// How long what was sent with an acceptance can be used.
const ADMISSION_WEEKS: u64 = 4;

/// An invitation to a group, of which nothing is known but its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvitationView {
    /// Names it in the answer.
    pub id: ContentId,
    /// The contact who invites.
    pub from: AccountId,
    /// How many people are in the group.
    pub group_size: u32,
    /// When it came.
    pub received_at: Timestamp,
}

impl Engine {
    /// The invitations that wait for an answer, newest first.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn invitations(&self) -> Result<Vec<InvitationView>, EngineError> {
        let rows = self.store.read(|tx| tx.invitations())?;
        let mine = rows.into_iter().filter(|row| row.group_chat.is_none());
        Ok(mine
            .map(|row| InvitationView {
                id: row.id,
                from: row.account,
                group_size: row.people,
                received_at: row.received_at,
            })
            .collect())
    }

    /// Accepts an invitation: whoever gave it can add one to that group.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such invitation.
    pub fn accept_invitation(
        &mut self,
        id: &ContentId,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        self.answer_invitation(id, now, |step| admit(step).map(Some))
    }

    /// Declines an invitation. Whoever gave it is told so, and nothing else.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such invitation.
    pub fn decline_invitation(
        &mut self,
        id: &ContentId,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        self.answer_invitation(id, now, |_| Ok(None))
    }

    fn answer_invitation(
        &mut self,
        id: &ContentId,
        now: Timestamp,
        answer: impl FnOnce(&mut Step<'_>) -> Result<Option<Admission>, EngineError>,
    ) -> Result<(), CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        self.step(now, |step| {
            let row = step.tx.invitation(id)?;
            let row = row
                .filter(|row| row.group_chat.is_none())
                .ok_or(CommandError::Unknown("invitation"))?;
            let chat = step.tx.chat_with(row.account.as_bytes())?;
            let chat = chat.ok_or(CommandError::Unknown("invitation"))?;
            let accepted = answer(step)?;
            step.tx.delete_invitation(id)?;
            let answer = InvitationAnswer { id: *id, accepted };
            put_into_outbox(step, &chat.chat, Body::InvitationAnswer(answer))?;
            Ok::<_, CommandError>(())
        })?;
        self.work(now)?;
        Ok(())
    }
}

/// Makes what somebody needs to add this device to one group.
fn admit(step: &mut Step<'_>) -> Result<Admission, EngineError> {
    let expires_at = step.now.plus(ADMISSION_WEEKS * WEEK_MS);
    let secret = keep_local_card(step, CardKind::Admission, expires_at)?;
    let key_packages = vec![make_admission(step, &secret)?];
    Ok(Admission {
        secret,
        key_packages,
    })
}

/// A KeyPackage by which somebody who knows the card adds this device to one group.
pub(crate) fn make_admission(
    step: &mut Step<'_>,
    card: &ReachSecret,
) -> Result<Vec<u8>, EngineError> {
    let alias = Alias::random(step.rng);
    let leaf = LeafInfo {
        alias,
        rescue_key: step.me.rescue_key,
        card: undertone_mls::CardKind::Contacts,
        name: String::new(),
    };
    let made = make_key_package(&step.mls().provider(), &step.me.identity, &leaf, false)
        .map_err(|_| EngineError::Mls("making a KeyPackage"))?;
    want_card_alias(step, alias, card, None, Some(&made), Timestamp(0))?;
    Ok(made.bytes)
}

/// An invitation came.
pub(crate) fn receive_invitation(
    step: &Step<'_>,
    chat: &ChatRow,
    from: &AccountId,
    invitation: &GroupInvitation,
) -> Result<(), EngineError> {
    let waiting = step.tx.invitations()?;
    let theirs = waiting
        .iter()
        .filter(|row| row.group_chat.is_none() && row.account == *from);
    if chat.state != ChatState::Active || theirs.count() >= MAX_INVITATIONS {
        return Ok(());
    }
    step.tx.put_invitation(&InvitationRow {
        id: invitation.id,
        account: *from,
        group_chat: None,
        people: invitation.people,
        received_at: step.now,
    })?;
    note(step.tx, Event::Invitation { id: invitation.id })?;
    Ok(())
}

/// Somebody whom one has invited answers: they are added, or the group is told that they do not want to be.
pub(crate) fn receive_answer(
    step: &mut Step<'_>,
    from: &AccountId,
    answer: &InvitationAnswer,
) -> Result<(), EngineError> {
    let Some(row) = step.tx.invitation(&answer.id)? else {
        return Ok(());
    };
    let (Some(group_chat), true) = (row.group_chat, row.account == *from) else {
        return Ok(());
    };
    step.tx.delete_invitation(&answer.id)?;
    let group = step.tx.chat(&group_chat)?;
    if !group.is_some_and(|group| group.state == ChatState::Active) {
        return Ok(());
    }
    let Some(admission) = &answer.accepted else {
        let me = step.me.account;
        return say_once(step, &group_chat, &me, &Line::Declined(*from));
    };
    let admission = undertone_content::proto::InvitationAnswer {
        id: Vec::new(),
        secret: admission.secret.as_bytes().to_vec(),
        key_packages: admission.key_packages.clone(),
    };
    let reader = ReaderNonce::random(step.rng);
    step.tx.put_wish(&WishRow {
        seq: 0,
        chat: group_chat,
        kind: WishKind::Add,
        account: from.to_vec(),
        text: String::new(),
        number: 0,
        due_at: Timestamp(0),
        reader,
        token: Vec::new(),
        admission: admission.encode_to_vec(),
    })?;
    Ok(())
}

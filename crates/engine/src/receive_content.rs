//! Content of a conversation: verified, kept once, shown if its sender may be shown.

use rand_core::CryptoRngCore;
use undertone_content::content::{Body, Profile, SignedContent};
use undertone_mls::{Member, Rules};
use undertone_store::{
    chats::{ChatKind, ChatRow, ChatState},
    groups::GroupRow,
    messages::{MessageKind, MessageRow, MessageState},
    outbox::ReceiptKind,
};
use undertone_wire::time::Timestamp;

use crate::{
    check_forks::compare,
    conversation::other_account,
    error::EngineError,
    event::{Event, note},
    get_history::hear_of_history,
    give_places::give,
    invitations::{receive_answer, receive_invitation},
    mentions::{allowed_mentions, kept_mentions},
    own_devices::own_devices,
    share_own_state::hear,
    step::Step,
    system_line::say_refused,
};

/// Receipts wait so long, and up to twice as long by chance: batched, and saying little about when one looked.
pub(crate) const RECEIPT_MS: u64 = 400;

/// Takes what a member sent. Content that is not theirs, or not of this conversation, is let go.
pub(crate) fn receive(
    step: &mut Step<'_>,
    row: &GroupRow,
    rules: &Rules,
    sender: &Member,
    bytes: &[u8],
) -> Result<(), EngineError> {
    let verified = SignedContent::verify(bytes, &row.group_id, &sender.certificate.device_key);
    let (Ok(signed), Some(chat)) = (verified, step.tx.chat(&row.chat)?) else {
        return Ok(());
    };
    let known = match chat.kind {
        // What a device said before it was put out counts for all of one's own or for none, or they would part: the group
        // decides, and not what each has heard of who is signed out.
        ChatKind::Notes => true,
        ChatKind::Direct => {
            other_account(&chat) == Some(sender.account) || sender.account == step.me.account
        }
        // Whoever is blocked says nothing in a group either, to this user.
        ChatKind::Group => !is_blocked(step, sender)?,
    };
    let gone = matches!(
        chat.state,
        ChatState::Blocked | ChatState::Left | ChatState::Removed | ChatState::Dissolved
    );
    if !known || gone {
        return Ok(());
    }
    if let Some(mark) = signed.epoch_mark().filter(|_| chat.kind != ChatKind::Group) {
        compare(step, &sender.account, &mark)?;
    }
    let content = signed.content();
    let mine = sender.account == step.me.account;
    let between_two = chat.kind == ChatKind::Direct && !mine;
    let mut mentions = Vec::new();
    let (kind, text) = match &content.body {
        Body::Text(text) => {
            if chat.kind == ChatKind::Group {
                mentions = allowed_mentions(&text.mentions, rules, &sender.account);
            }
            (MessageKind::Text, text.text.clone())
        }
        Body::Newer => (MessageKind::Newer, String::new()),
        Body::Profile(profile) if between_two => {
            return receive_profile(step, &chat, sender, profile);
        }
        Body::GroupInvitation(invitation) if between_two => {
            return receive_invitation(step, &chat, &sender.account, invitation);
        }
        Body::InvitationAnswer(answer) if between_two => {
            return receive_answer(step, &sender.account, answer);
        }
        // Another device of one's own has answered.
        Body::InvitationAnswer(answer) if mine && chat.kind == ChatKind::Direct => {
            return Ok(step.tx.delete_invitation(&answer.id)?);
        }
        // In a group nobody is told how to reach one outside of it.
        Body::Profile(_) | Body::GroupInvitation(_) | Body::InvitationAnswer(_) => return Ok(()),
        Body::OwnState(registers) if chat.kind == ChatKind::Notes => {
            return hear(step, registers);
        }
        // Nothing is given to a device that is signed out, and nothing taken from it.
        Body::PlaceRequest(_) | Body::Archive(_) if !is_own(step, sender)? => return Ok(()),
        Body::PlaceRequest(request) if chat.kind == ChatKind::Notes => {
            return give(step, request, Some(sender.certificate.device_key));
        }
        Body::Archive(archive) if chat.kind == ChatKind::Notes => {
            return hear_of_history(step, sender, archive);
        }
        Body::OwnState(_) | Body::PlaceRequest(_) | Body::Archive(_) => return Ok(()),
    };
    if !rules.allows(rules.permissions.send, &sender.account) {
        return say_refused(step, row, &sender.account);
    }
    let seq = step.tx.add_message(&MessageRow {
        seq: 0,
        chat: chat.chat,
        sender: sender.account,
        content_id: content.id,
        kind,
        text,
        sent_at: content.sent_at,
        stored_at: step.now,
        state: if mine {
            MessageState::Sent
        } else {
            MessageState::Received
        },
        signed: signed.encode(),
        group_id: row.group_id.clone(),
        mentions: kept_mentions(&mentions),
    })?;
    let Some(seq) = seq else { return Ok(()) };
    if mine {
        let chat = chat.chat;
        note(step.tx, Event::Message { chat, seq })?;
    } else if chat.state == ChatState::Active {
        let due_at = receipt_due(step.rng, step.now);
        step.tx.add_receipt(
            &chat.chat,
            &sender.account,
            &content.id,
            ReceiptKind::Delivered,
            due_at,
        )?;
        note(
            step.tx,
            Event::Message {
                chat: chat.chat,
                seq,
            },
        )?;
    }
    step.tx.put_chat(&ChatRow {
        last_at: step.now,
        ..chat
    })?;
    Ok(())
}

/// Whether a device is one of one's own that is not signed out.
fn is_own(step: &Step<'_>, sender: &Member) -> Result<bool, EngineError> {
    let devices = own_devices(step.tx)?;
    Ok(devices.device(&sender.certificate.device_key).is_some())
}

fn is_blocked(step: &Step<'_>, sender: &Member) -> Result<bool, EngineError> {
    let contact = step.tx.contact(&sender.account)?;
    Ok(contact.is_some_and(|contact| contact.blocked))
}

/// When a receipt that arises now is told.
pub(crate) fn receipt_due(rng: &mut dyn CryptoRngCore, now: Timestamp) -> Timestamp {
    now.plus(RECEIPT_MS + rng.next_u64() % RECEIPT_MS)
}

/// How they show themselves. Of a stranger it is kept, and shown only once they are accepted.
fn receive_profile(
    step: &Step<'_>,
    chat: &ChatRow,
    sender: &Member,
    profile: &Profile,
) -> Result<(), EngineError> {
    if chat.state == ChatState::Request {
        return Ok(step
            .tx
            .setting_put(&withheld_name(chat), &encode_profile(profile))?);
    }
    let Some(mut contact) = step.tx.contact(&sender.account)? else {
        return Ok(());
    };
    apply_profile(&mut contact, profile);
    step.tx.put_contact(&contact)?;
    note(step.tx, Event::Chat { chat: chat.chat })?;
    Ok(())
}

pub(crate) fn apply_profile(
    contact: &mut undertone_store::contacts::ContactRow,
    profile: &Profile,
) {
    contact.name.clone_from(&profile.name);
    if profile.contacts_secret.is_some() {
        contact.contacts_secret.clone_from(&profile.contacts_secret);
    }
}

/// The name of the setting under which a stranger's profile waits.
pub(crate) fn withheld_name(chat: &ChatRow) -> String {
    let hex: String = chat
        .chat
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("withheld profile {hex}")
}

fn encode_profile(profile: &Profile) -> Vec<u8> {
    let secret = profile
        .contacts_secret
        .as_ref()
        .map_or([0; 32], |secret| *secret.as_bytes());
    [
        &[u8::from(profile.contacts_secret.is_some())],
        secret.as_slice(),
        profile.name.as_bytes(),
    ]
    .concat()
}

/// Reads what was withheld.
pub(crate) fn decode_profile(bytes: &[u8]) -> Option<Profile> {
    let (flag, rest) = bytes.split_first()?;
    let (secret, name) = rest.split_at_checked(32)?;
    let secret = undertone_wire::reach::ReachSecret::new(secret.try_into().ok()?);
    Some(Profile {
        name: String::from_utf8(name.to_vec()).ok()?,
        contacts_secret: (*flag == 1).then_some(secret),
    })
}

//! Words for people that several commands and the conversation share.

use undertone_engine::{
    CardKind, Change, ChatKind, ChatState, ChatView, DeviceKind, GivenUp, LinkFailure, MessageKind,
    MessageRow, MessageState, Permitted,
};

use crate::safe_text;

/// The chat with oneself.
pub const NOTES: &str = "Note to self";
/// Somebody who has not said a name yet.
pub const NO_NAME: &str = "(no name yet)";
/// A message of which this version knows only that it is there.
pub const NEWER: &str = "(made with a newer version; update to read it)";

/// What a chat is called; empty while the other has said no name.
pub fn chat_name(chat: &ChatView) -> String {
    match chat.kind {
        ChatKind::Notes => NOTES.to_owned(),
        ChatKind::Direct | ChatKind::Group => chat.name.clone(),
    }
}

/// A name, or a word in its place.
pub fn or_no_name(name: &str) -> &str {
    if name.trim().is_empty() {
        NO_NAME
    } else {
        name
    }
}

/// The text of a message, or what stands in its place.
pub fn text(row: &MessageRow) -> &str {
    match row.kind {
        MessageKind::Text => &row.text,
        MessageKind::Newer => NEWER,
        // What changed is told by `change`, which knows the names.
        MessageKind::Change => "",
    }
}

/// The mark behind one's own message.
pub fn mark(state: MessageState) -> &'static str {
    match state {
        MessageState::Queued => "· queued",
        MessageState::Sent => "✓",
        MessageState::Delivered => "✓✓",
        MessageState::Read => "✓✓ read",
        MessageState::Failed => "✗ not sent",
        MessageState::Received => "",
    }
}

/// How a stranger came, as the rest of a sentence.
pub fn came_by(kind: Option<CardKind>) -> &'static str {
    match kind {
        Some(CardKind::Link) => "by your reusable link",
        Some(CardKind::Once) => "by a single-use link",
        Some(CardKind::Contacts | CardKind::Admission) => "as a former contact",
        Some(CardKind::OwnDevice | CardKind::Newcomer | CardKind::Rescue) | None => {
            "by a way that is not known"
        }
    }
}

/// What to say of a chat that is not simply open; nothing if it is.
pub fn chat_state(chat: &ChatView) -> Option<String> {
    match chat.state {
        ChatState::Active | ChatState::Request => None,
        ChatState::Adding => Some("their link is being followed".to_owned()),
        ChatState::Failed => Some(chat.reason.clone()),
        ChatState::Blocked => Some("blocked".to_owned()),
        ChatState::Left => Some("you have left".to_owned()),
        ChatState::Removed => Some("you were removed".to_owned()),
        ChatState::Dissolved => Some("this group was ended".to_owned()),
    }
}

/// What changed in a conversation, as a sentence. `by` and `about` are names, safe to be printed.
pub fn change(change: &Change, by: &str, about: &str) -> String {
    match change {
        Change::Founded => format!("{by} founded this group"),
        Change::Joined => format!("{by} added you to this group"),
        Change::Added(_) => format!("{by} added {about}"),
        Change::Removed(_) => format!("{by} removed {about}"),
        Change::Left(_) => format!("{about} left (only admins are told)"),
        Change::LeftMyself => "You left this group".to_owned(),
        Change::RemovedMyself => format!("{by} removed you from this group"),
        Change::Title(title) => format!(
            "{by} called this group \u{201c}{}\u{201d}",
            safe_text::line(title)
        ),
        Change::Description(text) if text.is_empty() => format!("{by} took the description away"),
        Change::Description(text) => {
            format!("{by} described this group: {}", safe_text::line(text))
        }
        Change::Admin(_) => format!("{by} made {about} an admin"),
        Change::NoAdmin(_) => format!("{by} made {about} no longer an admin"),
        Change::Permission(what, everybody) => format!(
            "{by} decided: {} may {}",
            if *everybody {
                "everybody"
            } else {
                "only admins"
            },
            permitted(*what)
        ),
        Change::Dissolved => format!("{by} ended this group"),
        Change::Refused(_) => {
            format!("Something of {about}'s was refused: the rules of this group do not allow it")
        }
        Change::GivenUp(None, why) => format!("Your change was given up: {}", given_up(*why)),
        Change::GivenUp(Some(_), why) => {
            format!("Your change about {about} was given up: {}", given_up(*why))
        }
        Change::Invited(_) => format!("{about} is asked whether they want to be added"),
        Change::Declined(_) => format!("{about} does not want to be added"),
        Change::Renewed => format!("{by} founded this group anew; it goes on here"),
        Change::DeviceAdded(_) => format!("{about} uses one more device"),
        Change::DeviceRemoved(_) => format!("{about} uses a device less"),
        Change::OwnDeviceLinked(name) => format!(
            "You use one more device: {}. If that was not you, sign it out now with `undertone device revoke`",
            device_name(name)
        ),
        Change::OwnDeviceRemoved(name) => {
            format!("One of your devices was signed out: {}", device_name(name))
        }
        Change::Readded(_) => {
            format!("A device of {about}'s had fallen behind and was added again")
        }
        Change::ReaddedMyself => {
            "This device had fallen behind and was added again; what was written meanwhile is not \
                                  here"
                .to_owned()
        }
        Change::Forked(_) => format!(
            "{about} and you do not see the same conversation: somebody may be showing you different ones. Write nothing \
             that matters here; ask {about} in another way, and make a new group"
        ),
        Change::Newer => NEWER.to_owned(),
    }
}

/// Why no device was linked, and what to do now, in the words of the new device or of the other.
pub fn not_linked(why: LinkFailure, new: bool) -> &'static str {
    match (why, new) {
        (LinkFailure::NoSuchCode, _) => {
            "no device shows this code now; look at the new device whether it shows another, or let it show a new one \
             with `undertone device code`"
        }
        (LinkFailure::WrongCode, true) => {
            "another code than this one was entered, and it is worth nothing now: nothing was linked; begin anew with \
             `undertone device code`"
        }
        (LinkFailure::WrongCode, false) => {
            "this is not the code that the new device shows, or that device went away: nothing was linked, and the \
             code is worth nothing now; let the new device show another and enter it with care"
        }
        (LinkFailure::Expired, true) => {
            "the time ran out before the code was entered and agreed to: nothing was linked; begin anew with \
             `undertone device code`"
        }
        (LinkFailure::Expired, false) => {
            "the time of this code is over: nothing was linked; let the new device show another"
        }
        (LinkFailure::Declined, true) => {
            "the other device said no, or went away: nothing was linked; if that was not meant, begin anew with \
             `undertone device code`"
        }
        (LinkFailure::Declined, false) => {
            "the new device went away: nothing was linked; let it show another code"
        }
        (LinkFailure::TooMany, _) => {
            "the server takes no more tries from here for a while: nothing was linked; wait some minutes and try again"
        }
        (LinkFailure::Version, _) => {
            "the two devices do not understand each other: nothing was linked; update Undertone on both and try again"
        }
    }
}

/// What a device runs, as the end of a sentence.
pub fn device_kind(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Browser => "in a browser",
        DeviceKind::CommandLine => "at a command line",
        DeviceKind::Other => "in a way that this version does not know",
    }
}

/// The name of a device, or a word in its place.
pub fn device_name(name: &str) -> String {
    if name.trim().is_empty() {
        return "a device without a name".to_owned();
    }
    safe_text::line(name)
}

/// What may be done, as the end of a sentence.
pub fn permitted(what: Permitted) -> &'static str {
    match what {
        Permitted::Send => "write",
        Permitted::Edit => "change title and description",
        Permitted::Add => "add people",
        Permitted::Pin => "pin messages",
        Permitted::MentionAll => "mention everybody",
    }
}

fn given_up(why: GivenUp) -> &'static str {
    match why {
        GivenUp::NotAllowed => "it is not allowed to you any more",
        GivenUp::Impossible => "it is not possible",
        GivenUp::Unreachable => "they cannot be reached; ask them to write to you",
    }
}

//! From what was typed to the chat, contact, request or device that is meant. Names are chosen by others: whenever two things
//! fit, nothing is guessed.

use std::collections::BTreeMap;

use undertone_engine::{
    ChatId, ChatKind, ChatView, ContactView, DeviceView, Engine, InvitationView, MemberView,
    MessageRow, TransferView, change_in,
};
use undertone_wire::ids::AccountId;

use crate::{failure::Failure, hex, safe_text, words};

/// Beginnings of ids that are shorter are taken for names only.
const SHORTEST_PREFIX: usize = 4;

/// Something that can be meant.
struct Candidate<T> {
    id: String,
    name: String,
    what: T,
}

/// The chat that is meant.
///
/// # Errors
/// [`Failure::NotFound`], [`Failure::Ambiguous`].
pub fn chat(engine: &Engine, typed: &str) -> Result<ChatView, Failure> {
    let chats = engine.chats()?;
    let candidates = chats.into_iter().map(|chat| Candidate {
        id: hex::encode(chat.chat.as_bytes()),
        name: words::chat_name(&chat),
        what: chat,
    });
    choose(candidates.collect(), typed, "chat")
}

/// The contact that is meant.
///
/// # Errors
/// [`Failure::NotFound`], [`Failure::Ambiguous`].
pub fn contact(engine: &Engine, typed: &str) -> Result<ContactView, Failure> {
    let contacts = engine.contacts()?;
    let candidates = contacts.into_iter().map(|contact| Candidate {
        id: hex::person(&contact.account),
        name: contact.name.clone(),
        what: contact,
    });
    choose(candidates.collect(), typed, "contact")
}

/// The request that is meant; it has no name.
///
/// # Errors
/// [`Failure::NotFound`], [`Failure::Ambiguous`].
pub fn request(engine: &Engine, typed: &str) -> Result<ChatId, Failure> {
    let requests = engine.requests()?;
    let candidates = requests.into_iter().map(|request| Candidate {
        id: hex::encode(request.request.as_bytes()),
        name: String::new(),
        what: request.request,
    });
    choose(candidates.collect(), typed, "request")
}

/// The member of a group that is meant.
///
/// # Errors
/// [`Failure::NotFound`], [`Failure::Ambiguous`].
pub fn member(engine: &Engine, chat: &ChatId, typed: &str) -> Result<MemberView, Failure> {
    let members = engine.members(chat)?;
    let there = members
        .into_iter()
        .filter(|member| member.present || member.wished.is_some());
    let candidates = there.map(|member| Candidate {
        id: hex::person(&member.account),
        name: member.name.clone(),
        what: member,
    });
    choose(candidates.collect(), typed, "member")
}

/// The invitation that is meant; it has no name.
///
/// # Errors
/// [`Failure::NotFound`], [`Failure::Ambiguous`].
pub fn invitation(engine: &Engine, typed: &str) -> Result<InvitationView, Failure> {
    let invitations = engine.invitations()?;
    let candidates = invitations.into_iter().map(|invitation| Candidate {
        id: hex::encode(invitation.id.as_bytes()),
        name: String::new(),
        what: invitation,
    });
    choose(candidates.collect(), typed, "invitation")
}

/// The device of one's own that is meant.
///
/// # Errors
/// [`Failure::NotFound`], [`Failure::Ambiguous`].
pub fn device(engine: &Engine, typed: &str) -> Result<DeviceView, Failure> {
    let devices = engine.devices()?;
    let candidates = devices.into_iter().map(|device| Candidate {
        id: hex::encode(device.id.as_bytes()),
        name: device.name.clone(),
        what: device,
    });
    choose(candidates.collect(), typed, "device")
}

/// The transfer that is meant; it has no name.
///
/// # Errors
/// [`Failure::NotFound`], [`Failure::Ambiguous`].
pub fn transfer(engine: &Engine, typed: &str) -> Result<TransferView, Failure> {
    let transfers = engine.transfers()?;
    let candidates = transfers.into_iter().map(|transfer| Candidate {
        id: hex::encode(transfer.id.as_bytes()),
        name: String::new(),
        what: transfer,
    });
    choose(candidates.collect(), typed, "transfer")
}

/// What people are called: contacts by the name they show, others by the one that they have in a group.
pub struct Names {
    own: AccountId,
    names: BTreeMap<AccountId, String>,
}

impl Names {
    /// Of all contacts, and of all who are or were in groups.
    ///
    /// # Errors
    /// [`Failure`] if the store fails.
    pub fn read(engine: &Engine, own: AccountId) -> Result<Self, Failure> {
        let mut names = BTreeMap::new();
        for chat in engine.chats()? {
            if chat.kind == ChatKind::Group {
                let members = engine.members(&chat.chat)?.into_iter();
                names.extend(members.map(|member| (member.account, member.name)));
            }
        }
        let contacts = engine.contacts()?.into_iter();
        names.extend(contacts.map(|contact| (contact.account, contact.name)));
        Ok(Self { own, names })
    }

    /// The name of somebody, safe to be printed.
    pub fn of(&self, account: &AccountId) -> String {
        if *account == self.own {
            return "You".to_owned();
        }
        let name = self.names.get(account).map(String::as_str);
        safe_text::line(words::or_no_name(name.unwrap_or_default()))
    }

    /// What changed, as a sentence.
    pub fn change(&self, row: &MessageRow) -> Option<String> {
        let change = change_in(row)?;
        let about = change.about().map(|account| self.of(&account));
        Some(words::change(
            &change,
            &self.of(&row.sender),
            &about.unwrap_or_default(),
        ))
    }
}

fn choose<T>(candidates: Vec<Candidate<T>>, typed: &str, what: &'static str) -> Result<T, Failure> {
    let typed = typed.trim();
    let digits = typed.to_ascii_lowercase();
    let is_prefix = digits.len() >= SHORTEST_PREFIX;
    let named = |candidate: &Candidate<T>| {
        !typed.is_empty()
            && (candidate.name.trim() == typed || safe_text::line(&candidate.name) == typed)
    };
    let alike = |candidate: &Candidate<T>| {
        !typed.is_empty() && candidate.name.trim().to_lowercase() == typed.to_lowercase()
    };
    // A whole id is never a name; beginnings and exact names stand beside each other; letter case is forgiven last.
    let mut rest = candidates;
    let ways: [Way<'_, T>; 3] = [
        &|candidate| candidate.id == digits,
        &|candidate| named(candidate) || is_prefix && candidate.id.starts_with(&digits),
        &alike,
    ];
    for fits in ways {
        let (mut fitting, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(fits);
        if fitting.len() > 1 {
            return Err(Failure::Ambiguous(what));
        }
        if let Some(found) = fitting.pop() {
            return Ok(found.what);
        }
        rest = others;
    }
    Err(Failure::NotFound(what))
}

/// One way in which what was typed may fit a candidate.
type Way<'a, T> = &'a dyn Fn(&Candidate<T>) -> bool;

#[cfg(test)]
mod tests {
    use super::*;

    fn find(typed: &str) -> Result<u8, &'static str> {
        let candidates = [
            ("aaaa1111", "Anna"),
            ("aaaa2222", "Ben"),
            ("beef3333", "Ben"),
            ("dead4444", "beef"),
            ("cafe5555", "aaaa1111"),
            ("f00d6666", ""),
            ("1234abcd", "ANNA "),
        ];
        let candidates = candidates
            .iter()
            .zip(0..)
            .map(|((id, name), what)| Candidate {
                id: (*id).to_owned(),
                name: (*name).to_owned(),
                what,
            });
        choose(candidates.collect(), typed, "chat").map_err(|failure| match failure {
            Failure::NotFound(_) => "none",
            Failure::Ambiguous(_) => "many",
            _ => "else",
        })
    }

    #[test]
    fn ids_beginnings_and_names_are_found() {
        assert_eq!(find("aaaa2222"), Ok(1));
        assert_eq!(find("AAAA2"), Ok(1));
        assert_eq!(find("Anna"), Ok(0));
        assert_eq!(find("dead"), Ok(3));
        assert_eq!(find(" ANNA"), Ok(6));
    }

    #[test]
    fn a_whole_id_is_never_somebody_elses_name() {
        assert_eq!(find("aaaa1111"), Ok(0));
    }

    #[test]
    fn nothing_is_guessed() {
        assert_eq!(find("aaaa"), Err("many"));
        assert_eq!(find("Ben"), Err("many"));
        assert_eq!(find("beef"), Err("many"), "a name and a beginning");
        assert_eq!(find("anna"), Err("many"), "two names that differ in case");
        for nothing in ["", "  ", "aaa", "Cleo", "f00"] {
            assert_eq!(find(nothing), Err("none"), "{nothing}");
        }
    }
}

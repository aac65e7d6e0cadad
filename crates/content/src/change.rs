//! What changed in a conversation, as its history keeps it. Never sent: each device sees for itself what a commit did.

use prost::Message as _;
use undertone_wire::ids::AccountId;

use crate::proto;

/// What is allowed to whom, by a name that also the command line uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permitted {
    /// Sending messages.
    Send,
    /// Changing title and description.
    Edit,
    /// Adding people.
    Add,
    /// Pinning messages.
    Pin,
    /// Mentioning everybody.
    MentionAll,
}

impl Permitted {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Send,
        Self::Edit,
        Self::Add,
        Self::Pin,
        Self::MentionAll,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Edit => "edit",
            Self::Add => "add",
            Self::Pin => "pin",
            Self::MentionAll => "mention-all",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// What changed. Who did it stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The group was founded.
    Founded,
    /// One came into the group oneself.
    Joined,
    /// Somebody was added.
    Added(AccountId),
    /// Somebody was removed.
    Removed(AccountId),
    /// Somebody left. Only admins are shown it.
    Left(AccountId),
    /// One left oneself.
    LeftMyself,
    /// One was removed oneself.
    RemovedMyself,
    /// The group is called this now.
    Title(String),
    /// The description is this now.
    Description(String),
    /// Somebody is an admin now.
    Admin(AccountId),
    /// Somebody is no admin any more.
    NoAdmin(AccountId),
    /// Something is allowed to everybody now (`true`) or to admins alone.
    Permission(Permitted, bool),
    /// The group was ended.
    Dissolved,
    /// Somebody tried what the rules do not allow; nothing came of it.
    Refused(AccountId),
    /// Something that one wanted could not be done, and was given up; about whom, if about somebody.
    GivenUp(Option<AccountId>, GivenUp),
    /// Somebody is asked whether they want to be added.
    Invited(AccountId),
    /// Somebody does not want to be added.
    Declined(AccountId),
    /// The conversation goes on in another group, because the one before could not.
    Renewed,
    /// Somebody uses one more device.
    DeviceAdded(AccountId),
    /// Somebody uses a device less.
    DeviceRemoved(AccountId),
    /// One uses one more device oneself, of this name.
    OwnDeviceLinked(String),
    /// A device of one's own, of this name, was signed out.
    OwnDeviceRemoved(String),
    /// A device of somebody's had fallen behind, and was added anew.
    Readded(AccountId),
    /// This device had fallen behind, and was added anew: what was said meanwhile is not here.
    ReaddedMyself,
    /// Somebody's device and this one do not see the same conversation: it was split.
    Forked(AccountId),
    /// Something of a newer version.
    Newer,
}

/// Why something that was wanted was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenUp {
    /// It is not, or no more, allowed to the user.
    NotAllowed,
    /// It cannot be: more than fit, the last admin gone, somebody who is not there.
    Impossible,
    /// They cannot be reached.
    Unreachable,
}

impl Change {
    /// The encoding that [`Change::decode`] reads.
    pub fn encode(&self) -> Vec<u8> {
        let of = |kind: u32| proto::Change {
            kind,
            ..proto::Change::default()
        };
        let about = |kind: u32, account: &AccountId| proto::Change {
            account: account.to_vec(),
            ..of(kind)
        };
        let saying = |kind: u32, text: &str| proto::Change {
            text: text.to_owned(),
            ..of(kind)
        };
        match self {
            Self::Newer => of(0),
            Self::Founded => of(1),
            Self::Joined => of(2),
            Self::Added(who) => about(3, who),
            Self::Removed(who) => about(4, who),
            Self::Left(who) => about(5, who),
            Self::LeftMyself => of(6),
            Self::RemovedMyself => of(7),
            Self::Title(title) => saying(8, title),
            Self::Description(text) => saying(9, text),
            Self::Admin(who) => about(10, who),
            Self::NoAdmin(who) => about(11, who),
            Self::Permission(what, everybody) => proto::Change {
                number: u32::from(*everybody),
                ..saying(12, what.name())
            },
            Self::Dissolved => of(13),
            Self::Refused(who) => about(14, who),
            Self::GivenUp(who, why) => proto::Change {
                account: who.map(|who| who.to_vec()).unwrap_or_default(),
                number: match why {
                    GivenUp::NotAllowed => 1,
                    GivenUp::Impossible => 2,
                    GivenUp::Unreachable => 3,
                },
                ..of(15)
            },
            Self::Invited(who) => about(16, who),
            Self::Declined(who) => about(17, who),
            Self::Renewed => of(18),
            Self::DeviceAdded(who) => about(19, who),
            Self::DeviceRemoved(who) => about(20, who),
            Self::OwnDeviceLinked(name) => saying(21, name),
            Self::OwnDeviceRemoved(name) => saying(22, name),
            Self::Readded(who) => about(23, who),
            Self::ReaddedMyself => of(24),
            Self::Forked(who) => about(25, who),
        }
        .encode_to_vec()
    }

    /// Reads what was kept; what a newer version kept, or what is damaged, is [`Change::Newer`].
    pub fn decode(bytes: &[u8]) -> Self {
        let read = proto::Change::decode(bytes).ok().and_then(read);
        read.unwrap_or(Self::Newer)
    }

    /// Whom it is about, beside who did it.
    pub fn about(&self) -> Option<AccountId> {
        match self {
            Self::Added(who)
            | Self::Removed(who)
            | Self::Left(who)
            | Self::Admin(who)
            | Self::NoAdmin(who)
            | Self::Refused(who)
            | Self::Invited(who)
            | Self::Declined(who)
            | Self::DeviceAdded(who)
            | Self::DeviceRemoved(who)
            | Self::Readded(who)
            | Self::Forked(who) => Some(*who),
            Self::GivenUp(who, _) => *who,
            _ => None,
        }
    }
}

fn read(change: proto::Change) -> Option<Change> {
    let who = || AccountId::try_from(change.account.as_slice()).ok();
    Some(match change.kind {
        1 => Change::Founded,
        2 => Change::Joined,
        3 => Change::Added(who()?),
        4 => Change::Removed(who()?),
        5 => Change::Left(who()?),
        6 => Change::LeftMyself,
        7 => Change::RemovedMyself,
        8 => Change::Title(change.text),
        9 => Change::Description(change.text),
        10 => Change::Admin(who()?),
        11 => Change::NoAdmin(who()?),
        12 => Change::Permission(Permitted::named(&change.text)?, change.number == 1),
        13 => Change::Dissolved,
        14 => Change::Refused(who()?),
        15 => {
            let why = match change.number {
                1 => GivenUp::NotAllowed,
                2 => GivenUp::Impossible,
                _ => GivenUp::Unreachable,
            };
            Change::GivenUp(who(), why)
        }
        16 => Change::Invited(who()?),
        17 => Change::Declined(who()?),
        18 => Change::Renewed,
        19 => Change::DeviceAdded(who()?),
        20 => Change::DeviceRemoved(who()?),
        21 => Change::OwnDeviceLinked(change.text),
        22 => Change::OwnDeviceRemoved(change.text),
        23 => Change::Readded(who()?),
        24 => Change::ReaddedMyself,
        25 => Change::Forked(who()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_change_comes_back() {
        let who = AccountId::new([7; 32]);
        let mut all = vec![
            Change::Founded,
            Change::Joined,
            Change::Added(who),
            Change::Removed(who),
            Change::Left(who),
            Change::LeftMyself,
            Change::RemovedMyself,
            Change::Title("Garden".into()),
            Change::Description("Where we plan it".into()),
            Change::Admin(who),
            Change::NoAdmin(who),
            Change::Dissolved,
            Change::Refused(who),
            Change::GivenUp(None, GivenUp::Impossible),
            Change::GivenUp(Some(who), GivenUp::NotAllowed),
            Change::GivenUp(Some(who), GivenUp::Unreachable),
            Change::Invited(who),
            Change::Declined(who),
            Change::Renewed,
            Change::DeviceAdded(who),
            Change::DeviceRemoved(who),
            Change::OwnDeviceLinked("Firefox".into()),
            Change::OwnDeviceRemoved("Firefox".into()),
            Change::Readded(who),
            Change::ReaddedMyself,
            Change::Forked(who),
            Change::Newer,
        ];
        for what in Permitted::ALL {
            all.push(Change::Permission(what, true));
            all.push(Change::Permission(what, false));
        }
        for change in all {
            assert_eq!(Change::decode(&change.encode()), change);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Change::decode(&bytes);
        }
    }
}

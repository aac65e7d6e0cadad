//! What is shown of a group: its rules, its people, and how it is encrypted.

use undertone_content::change::{Change, Permitted};
use undertone_mls::{ConversationKind, MAX_MEMBERS, Who};
use undertone_store::{
    chats::{ChatId, ChatKind, ChatState},
    heard::Heard,
    messages::{MessageKind, MessageRow},
    wishes::WishKind,
};
use undertone_wire::{
    identity::Capability,
    ids::{AccountId, Serial},
    time::Timestamp,
};

use crate::{
    compose_commit::permission,
    conversation::members_of,
    engine::Engine,
    error::{CommandError, EngineError},
};

/// Most devices in a group.
pub const MAX_GROUP_DEVICES: usize = MAX_MEMBERS;

/// Somebody in a group, or who was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberView {
    /// Who.
    pub account: AccountId,
    /// What the user calls them: their name as a contact, else the one they show in the group; may be empty.
    pub name: String,
    /// Whether it is the user.
    pub me: bool,
    /// Whether they are a contact.
    pub contact: bool,
    /// Whether they are in the group.
    pub present: bool,
    /// Whether they govern it.
    pub admin: bool,
    /// With how many devices they are in it.
    pub devices: u32,
    /// Since when, as far as this device saw.
    pub since: Timestamp,
    /// That they are about to be added or removed, by the user's wish.
    pub wished: Option<WishKind>,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// The chat.
    pub chat: ChatId,
    /// What it is called.
    pub title: String,
    /// What it says of itself.
    pub description: String,
    /// How it stands.
    pub state: ChatState,
    /// How many people are in it.
    pub people: u32,
    /// Whether the user governs it.
    pub admin: bool,
    /// What is allowed to everybody (`true`) or to admins alone.
    pub permissions: Vec<(Permitted, bool)>,
    /// What the user is called in it, if otherwise than everywhere; else empty.
    pub own_name: String,
    /// Whether a change that the user wished is on its way.
    pub changing: bool,
}

impl GroupView {
    /// Whether the user may do something.
    pub fn may(&self, what: Permitted) -> bool {
        let everybody = self.permissions.iter().find(|(one, _)| *one == what);
        self.state == ChatState::Active
            && (self.admin || everybody.is_some_and(|(_, everybody)| *everybody))
    }
}

/// A device in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceInChat {
    /// Whose.
    pub account: AccountId,
    /// Its serial, by which an account's devices are told apart.
    pub serial: Serial,
    /// Whether it is operated by software.
    pub bot: bool,
    /// Whether it is this one.
    pub this_device: bool,
    /// Since when, if this device saw it come; else it was there before.
    pub since: Option<Timestamp>,
}

/// How a conversation is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptionView {
    /// The epoch: how often keys and members have changed.
    pub epoch: u64,
    /// Whether the suite resists quantum computers too.
    pub post_quantum: bool,
    /// When this device last saw the keys change; 0 if never since it came.
    pub keys_changed_at: Timestamp,
    /// What all who are in the same state see alike, and nobody else: the epoch authenticator.
    pub authenticator: Vec<u8>,
    /// All devices that can read along.
    pub devices: Vec<DeviceInChat>,
}

impl Engine {
    /// A group.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such group.
    pub fn group(&self, chat: &ChatId) -> Result<GroupView, CommandError> {
        let me = self.me.as_ref().ok_or(CommandError::NoAccount)?.account;
        self.store.read(|tx| {
            let row = tx.chat(chat)?.ok_or(CommandError::Unknown("group"))?;
            if row.kind != ChatKind::Group {
                return Err(CommandError::Unknown("group"));
            }
            let mut view = GroupView {
                chat: *chat,
                title: row.title,
                description: String::new(),
                state: row.state,
                people: tx.people(chat)?,
                admin: false,
                permissions: Vec::new(),
                own_name: String::new(),
                changing: tx.wishes_for(chat)?.iter().any(|wish| match wish.kind {
                    WishKind::Remove => wish.number == 0,
                    WishKind::Renew | WishKind::Follow => false,
                    _ => true,
                }),
            };
            if let (Some(group_row), Some(group)) = (
                tx.group(&row.group_id)?,
                self.shown_group(tx, &row.group_id)?,
            ) {
                let rules = group.rules();
                debug_assert!(rules.kind == ConversationKind::Group);
                view.description.clone_from(&rules.description);
                view.admin = rules.is_admin(&me);
                view.own_name = group_row.name;
                let mut permissions = rules.permissions;
                view.permissions = Permitted::ALL
                    .into_iter()
                    .map(|what| (what, *permission(&mut permissions, what) == Who::Everyone))
                    .collect();
            }
            Ok(view)
        })
    }

    /// All who are or were in a group: those present first, the user, admins, then by name.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such group.
    pub fn members(&self, chat: &ChatId) -> Result<Vec<MemberView>, CommandError> {
        let me = self.me.as_ref().ok_or(CommandError::NoAccount)?.account;
        self.store.read(|tx| {
            let row = tx.chat(chat)?.ok_or(CommandError::Unknown("group"))?;
            if row.kind != ChatKind::Group {
                return Err(CommandError::Unknown("group"));
            }
            let wishes = tx.wishes_for(chat)?;
            let wished = |account: &AccountId| {
                let about = wishes.iter().find(|wish| {
                    wish.account == account.as_bytes()
                        && matches!(
                            wish.kind,
                            WishKind::Add | WishKind::Remove | WishKind::Follow
                        )
                });
                about.map(|wish| match wish.kind {
                    WishKind::Remove => WishKind::Remove,
                    _ => WishKind::Add,
                })
            };
            let mut views = Vec::new();
            for member in tx.members(chat)? {
                let contact = tx.contact(&member.account)?;
                let known = contact.as_ref().map(|contact| contact.name.clone());
                let known = known.filter(|name| !name.is_empty());
                views.push(MemberView {
                    account: member.account,
                    name: known.unwrap_or_else(|| member.name.clone()),
                    me: member.account == me,
                    contact: contact.is_some(),
                    present: member.is_present(),
                    admin: member.admin,
                    devices: member.devices,
                    since: member.since,
                    wished: wished(&member.account),
                });
            }
            for wish in &wishes {
                let Ok(account) = AccountId::try_from(wish.account.as_slice()) else {
                    continue;
                };
                let known = views.iter().any(|view| view.account == account);
                if wish.kind == WishKind::Add && !known {
                    let contact = tx.contact(&account)?;
                    views.push(MemberView {
                        account,
                        name: contact.map(|contact| contact.name).unwrap_or_default(),
                        me: false,
                        contact: true,
                        present: false,
                        admin: false,
                        devices: 0,
                        since: Timestamp(0),
                        wished: Some(WishKind::Add),
                    });
                }
            }
            views.sort_by_key(|view| {
                (
                    !view.present,
                    !view.me,
                    !view.admin,
                    view.name.to_lowercase(),
                )
            });
            Ok(views)
        })
    }

    /// How a conversation is encrypted, and for whom.
    ///
    /// # Errors
    /// [`CommandError`] if there is no such chat, or nothing is encrypted in it any more.
    pub fn encryption(&self, chat: &ChatId) -> Result<EncryptionView, CommandError> {
        let me = self.me.as_ref().ok_or(CommandError::NoAccount)?;
        let own = me.identity.certificate.serial;
        self.store.read(|tx| {
            let row = tx.chat(chat)?.ok_or(CommandError::Unknown("chat"))?;
            let shown = row.state != ChatState::Request;
            let (Some(group_row), Some(group), true) = (
                tx.group(&row.group_id)?,
                self.shown_group(tx, &row.group_id)?,
                shown,
            ) else {
                return Err(CommandError::NotNow(
                    "nothing is sent in this conversation at present",
                ));
            };
            let members = members_of(&group)?;
            let since = tx.devices_since(chat)?;
            let devices = members.iter().map(|member| DeviceInChat {
                since: since.get(&member.certificate.device_key).copied(),
                account: member.account,
                serial: member.certificate.serial,
                bot: member.certificate.capability == Capability::Bot,
                this_device: member.certificate.serial == own,
            });
            Ok(EncryptionView {
                epoch: group.epoch(),
                post_quantum: true,
                keys_changed_at: group_row.epoch_at,
                authenticator: group.epoch_authenticator(),
                devices: devices.collect(),
            })
        })
    }

    /// Who has received or seen one's own message in a group.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn heard(&self, seq: u64) -> Result<Vec<Heard>, EngineError> {
        Ok(self.store.read(|tx| tx.heard(seq))?)
    }
}

/// What a line of the history tells that is no message.
pub fn change_in(message: &MessageRow) -> Option<Change> {
    (message.kind == MessageKind::Change).then(|| Change::decode(&message.signed))
}

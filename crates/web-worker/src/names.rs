//! What people are called, and sentences' worth of what changed: for whoever shows it.

use std::collections::BTreeMap;

use undertone_engine::{Change, ChatId, ChatKind, CommandError, Engine, GivenUp, Mention};
use undertone_web_messages as page;
use undertone_wire::ids::AccountId;

/// The names of all who can have said something in a chat.
#[derive(Default)]
pub(crate) struct Names {
    own: Option<AccountId>,
    names: BTreeMap<AccountId, String>,
}

impl Names {
    /// Of the members of one chat, if it is a group, or else of nobody.
    pub(crate) fn in_chat(engine: &Engine, chat: &ChatId) -> Result<(Self, bool), CommandError> {
        let mut names = Self::of_contacts(engine)?;
        let kind = engine.chats()?.into_iter().find(|view| view.chat == *chat);
        let in_group = kind.is_some_and(|view| view.kind == ChatKind::Group);
        if in_group {
            names.add_members(engine, chat)?;
        }
        Ok((names, in_group))
    }

    /// Of all contacts, and the user.
    pub(crate) fn of_contacts(engine: &Engine) -> Result<Self, CommandError> {
        let me = engine.account_view()?;
        let own = me.as_ref().map(|account| account.account);
        let contacts = engine.contacts()?.into_iter();
        let names = contacts.map(|contact| (contact.account, contact.name));
        let names = names.chain(me.map(|account| (account.account, account.name)));
        Ok(Self {
            own,
            names: names.collect(),
        })
    }

    /// Of those in a group, too.
    pub(crate) fn add_members(
        &mut self,
        engine: &Engine,
        chat: &ChatId,
    ) -> Result<(), CommandError> {
        let members = engine.members(chat)?.into_iter();
        self.names
            .extend(members.map(|member| (member.account, member.name)));
        Ok(())
    }

    /// Whether a mention means the user, alone or among everybody.
    pub(crate) fn means_me(&self, mention: &Mention) -> bool {
        mention.account.is_none() || mention.account == self.own
    }

    /// The name of somebody; empty while it is not known.
    pub(crate) fn of(&self, account: &AccountId) -> String {
        self.names.get(account).cloned().unwrap_or_default()
    }

    /// What changed, by whom and about whom.
    pub(crate) fn change(&self, change: &Change, by: &AccountId) -> page::Change {
        use page::Changed;
        let (what, text) = match change {
            Change::Founded => (Changed::Founded, ""),
            Change::Joined => (Changed::Joined, ""),
            Change::Added(_) => (Changed::Added, ""),
            Change::Removed(_) => (Changed::Removed, ""),
            Change::Left(_) => (Changed::Left, ""),
            Change::LeftMyself => (Changed::LeftMyself, ""),
            Change::RemovedMyself => (Changed::RemovedMyself, ""),
            Change::Title(title) => (Changed::Title, title.as_str()),
            Change::Description(text) => (Changed::Description, text.as_str()),
            Change::Admin(_) => (Changed::Admin, ""),
            Change::NoAdmin(_) => (Changed::NoAdmin, ""),
            Change::Permission(what, true) => (Changed::Allowed, what.name()),
            Change::Permission(what, false) => (Changed::Restricted, what.name()),
            Change::Dissolved => (Changed::Dissolved, ""),
            Change::Refused(_) => (Changed::Refused, ""),
            Change::GivenUp(_, GivenUp::NotAllowed) => (Changed::NotAllowed, ""),
            Change::GivenUp(_, GivenUp::Impossible) => (Changed::Impossible, ""),
            Change::GivenUp(_, GivenUp::Unreachable) => (Changed::Unreachable, ""),
            Change::Invited(_) => (Changed::Invited, ""),
            Change::Declined(_) => (Changed::Declined, ""),
            Change::Renewed => (Changed::Renewed, ""),
            Change::DeviceAdded(_) => (Changed::DeviceAdded, ""),
            Change::DeviceRemoved(_) => (Changed::DeviceRemoved, ""),
            Change::OwnDeviceLinked(name) => (Changed::OwnDeviceLinked, name.as_str()),
            Change::OwnDeviceRemoved(name) => (Changed::OwnDeviceRemoved, name.as_str()),
            Change::Readded(_) => (Changed::Readded, ""),
            Change::ReaddedMyself => (Changed::ReaddedMyself, ""),
            Change::Forked(_) => (Changed::Forked, ""),
            Change::Newer => (Changed::Newer, ""),
        };
        let about = change.about();
        page::Change {
            what,
            by: (self.own != Some(*by)).then(|| self.of(by)),
            about: about.map(|account| self.of(&account)).unwrap_or_default(),
            about_me: about.is_some() && about == self.own,
            text: text.to_owned(),
        }
    }
}

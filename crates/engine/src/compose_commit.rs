//! One commit out of all that is wished for a group and of what is due anyway. Losing an epoch to somebody else costs
//! nothing but another round: wishes are held against the group as it then is.

use std::collections::BTreeSet;

use undertone_content::change::{Change as Line, GivenUp, Permitted};
use undertone_mls::{
    CardKind, Change, Group, GroupError, LeafInfo, MAX_ADMINS, MAX_MEMBERS, MAX_PREDECESSORS,
    Member, Rules, Who, seal_shared_welcome, share_welcome,
};
use undertone_store::{
    chats::ChatRow,
    groups::GroupRow,
    wishes::{WishKind, WishRow},
};
use undertone_wire::{
    ids::{AccountId, Alias},
    limits, proto,
    reach::SymmetricKey,
};

use crate::{
    admit,
    commits::{NewCommit, keep_commit},
    conversation::{group_id, members_of, others, shown_name, want_group_alias},
    error::EngineError,
    event::{Event, note},
    give_places::{Place, name_of},
    loaded_groups::load_group,
    step::Step,
    system_line::say_once,
    wish::QUIET,
};

/// What comes of a wish when it is held against a group.
enum Verdict {
    /// It is so.
    Done,
    /// The commit makes it so.
    Included,
    /// Not in this commit.
    Waits,
    /// Never.
    GivenUp(GivenUp),
}

/// The commit that is being made.
struct Draft {
    me: AccountId,
    group_id: Vec<u8>,
    members: Vec<Member>,
    rules: Rules,
    change: Change,
    welcomes: Vec<(SymmetricKey, Vec<Vec<u8>>)>,
    /// Who is still to be added.
    coming: BTreeSet<Vec<u8>>,
}

/// Makes the next commit of a group, if there is something to commit, and keeps it for the sequencer.
pub(crate) fn compose(
    step: &mut Step<'_>,
    chat: &ChatRow,
    row: GroupRow,
    leaf_is_due: bool,
) -> Result<(), EngineError> {
    let mut group = load_group(step, &row.group_id)?;
    let mut draft = Draft {
        me: step.me.account,
        group_id: row.group_id.clone(),
        members: members_of(&group)?.to_vec(),
        rules: group.rules().clone(),
        change: Change::default(),
        welcomes: Vec::new(),
        coming: BTreeSet::new(),
    };
    let mut included = Vec::new();
    let mut waits_for_people = false;
    let wishes = step.tx.wishes_for(&chat.chat)?;
    let adds = wishes
        .iter()
        .filter(|wish| matches!(wish.kind, WishKind::Add | WishKind::Follow));
    draft.coming.extend(adds.map(|wish| wish.account.clone()));
    for wish in wishes {
        if wish.due_at > step.now || matches!(wish.kind, WishKind::Leave | WishKind::Renew) {
            continue;
        }
        match draft.take(&wish) {
            Verdict::Done => step.tx.delete_wish(wish.seq)?,
            Verdict::Included => included.push(wish),
            Verdict::Waits => {
                waits_for_people |= wish.kind == WishKind::Add && wish.admission.is_empty();
            }
            Verdict::GivenUp(why) => give_up(step, &wish, why)?,
        }
    }
    // A new group begins with all who can be reached, in one commit.
    if group.epoch() == 0 && waits_for_people {
        return Ok(());
    }
    let mut new_alias = None;
    if leaf_is_due {
        // Under the address of a conversation alone a device that fell behind finds this one again; that of a card is for
        // others too.
        let own = step.tx.alias(&row.own_alias)?;
        let alias = match own {
            Some(own) if own.card.is_none() => own.alias,
            _ => Alias::random(step.rng),
        };
        new_alias = Some(alias);
        draft.change.leaf = Some(LeafInfo {
            alias,
            rescue_key: step.me.rescue_key,
            card: CardKind::OwnDevice,
            name: shown_name(step, &row)?,
        });
        draft.name_predecessor(&row)?;
    }
    if draft.rules != *group.rules() {
        draft.change.rules = Some(draft.rules.clone());
    }
    if included.is_empty() && new_alias.is_none() {
        return Ok(());
    }
    let keys = step.mls();
    let committed = group.commit(&keys.provider(), &step.me.identity, draft.change, step.rng);
    let pending = match committed {
        Ok(pending) => pending,
        Err(GroupError::Storage(_)) => return Err(EngineError::Mls("making a commit")),
        // What was folded in was held against the rules one by one; together it is refused. The last goes.
        Err(_) => return refused(step, row, included),
    };
    let (mut welcomes, mut outside) = (Vec::new(), Vec::new());
    outside.extend(pending.outside.clone());
    if let Some(welcome) = &pending.welcome {
        let sealing = |_| EngineError::Mls("sealing a Welcome");
        let (shared, large) = share_welcome(welcome.clone(), step.rng).map_err(sealing)?;
        outside.extend(large);
        for (knock_key, aliases) in draft.welcomes {
            for alias in aliases {
                let payload =
                    seal_shared_welcome(&knock_key, &shared, step.rng).map_err(sealing)?;
                welcomes.push(proto::WelcomeDelivery {
                    alias,
                    payload: payload.into(),
                });
            }
        }
    }
    let mut aliases = others(&group)?;
    aliases.push(new_alias.unwrap_or(row.own_alias).to_vec());
    if let Some(alias) = new_alias.filter(|alias| *alias != row.own_alias) {
        want_group_alias(step, alias, &group.id(), row.handle)?;
    }
    keep_commit(
        step,
        &group,
        row.handle,
        NewCommit {
            pending,
            aliases,
            welcomes,
            new_alias,
            outside,
        },
    )
}

fn refused(
    step: &mut Step<'_>,
    mut row: GroupRow,
    mut included: Vec<WishRow>,
) -> Result<(), EngineError> {
    match included.pop() {
        Some(wish) => give_up(step, &wish, GivenUp::Impossible),
        None => {
            row.wants_leaf = false;
            row.leaf_at = step.now;
            Ok(step.tx.put_group(&row)?)
        }
    }
}

/// Forgets a wish that cannot come true, and says so where a user had it.
pub(crate) fn give_up(
    step: &mut Step<'_>,
    wish: &WishRow,
    why: GivenUp,
) -> Result<(), EngineError> {
    step.tx.delete_wish(wish.seq)?;
    let quiet = wish.kind == WishKind::Remove && wish.number == QUIET;
    let nobodys = matches!(
        wish.kind,
        WishKind::AddDevice | WishKind::RemoveDevice | WishKind::Renew
    );
    if quiet || nobodys {
        return Ok(());
    }
    let about = AccountId::try_from(wish.account.as_slice()).ok();
    let me = step.me.account;
    say_once(step, &wish.chat, &me, &Line::GivenUp(about, why))?;
    note(step.tx, Event::Chat { chat: wish.chat })?;
    Ok(())
}

impl Draft {
    fn take(&mut self, wish: &WishRow) -> Verdict {
        let account = AccountId::try_from(wish.account.as_slice()).ok();
        match (wish.kind, account) {
            (WishKind::Add, Some(account)) => self.add(&account, wish),
            (WishKind::Remove, Some(account)) => self.remove(&account),
            (WishKind::Role, Some(account)) => self.set_role(account, wish.number != 0),
            (WishKind::Title, _) => {
                let (edit, done) = (self.rules.permissions.edit, self.rules.title == wish.text);
                self.edit(edit, done, |rules| rules.title.clone_from(&wish.text))
            }
            (WishKind::Description, _) => {
                let edit = self.rules.permissions.edit;
                let done = self.rules.description == wish.text;
                self.edit(edit, done, |rules| rules.description.clone_from(&wish.text))
            }
            (WishKind::Permission, _) => match Permitted::named(&wish.text) {
                Some(what) => self.permit(what, wish.number != 0),
                None => Verdict::GivenUp(GivenUp::Impossible),
            },
            (WishKind::Dissolve, _) => {
                let done = self.rules.dissolved;
                self.edit(Who::Admins, done, |rules| rules.dissolved = true)
            }
            (WishKind::Leave | WishKind::Renew, _) => Verdict::Waits,
            // It is due, so nobody has asked for it in all that time.
            (WishKind::Follow, _) => Verdict::GivenUp(GivenUp::Unreachable),
            (WishKind::AddDevice, _) => self.add_device(wish),
            (WishKind::RemoveDevice, _) => self.remove_device(wish),
            (WishKind::Add | WishKind::Remove | WishKind::Role, None) => {
                Verdict::GivenUp(GivenUp::Impossible)
            }
        }
    }

    fn edit(&mut self, who: Who, done: bool, change: impl FnOnce(&mut Rules)) -> Verdict {
        if done {
            Verdict::Done
        } else if self.rules.allows(who, &self.me) {
            change(&mut self.rules);
            Verdict::Included
        } else {
            Verdict::GivenUp(GivenUp::NotAllowed)
        }
    }

    fn permit(&mut self, what: Permitted, everybody: bool) -> Verdict {
        let who = if everybody {
            Who::Everyone
        } else {
            Who::Admins
        };
        let mut permissions = self.rules.permissions;
        *permission(&mut permissions, what) = who;
        let done = permissions == self.rules.permissions;
        self.edit(Who::Admins, done, |rules| rules.permissions = permissions)
    }

    fn set_role(&mut self, account: AccountId, admin: bool) -> Verdict {
        if self.rules.admins.contains(&account) == admin {
            return Verdict::Done;
        }
        if admin
            && !self.is_present(&account)
            && self.coming.contains(account.as_bytes().as_slice())
        {
            return Verdict::Waits;
        }
        let mut admins = self.rules.admins.clone();
        if admin {
            admins.insert(account);
        } else {
            admins.remove(&account);
        }
        if !self.is_present(&account) || admins.is_empty() || admins.len() > MAX_ADMINS {
            return Verdict::GivenUp(GivenUp::Impossible);
        }
        self.edit(Who::Admins, false, |rules| rules.admins = admins)
    }

    fn remove(&mut self, account: &AccountId) -> Verdict {
        if !self.is_present(account) {
            return Verdict::Done;
        }
        if !self.rules.is_admin(&self.me) {
            return Verdict::GivenUp(GivenUp::NotAllowed);
        }
        let mut admins = self.rules.admins.clone();
        admins.remove(account);
        if *account == self.me || admins.is_empty() {
            return Verdict::GivenUp(GivenUp::Impossible);
        }
        self.rules.admins = admins;
        let theirs = self
            .members
            .iter()
            .filter(|member| member.account == *account);
        let indices: Vec<u32> = theirs.map(|member| member.index).collect();
        self.change.remove.extend(indices);
        Verdict::Included
    }

    fn add(&mut self, account: &AccountId, wish: &WishRow) -> Verdict {
        if self.is_present(account) {
            return Verdict::Done;
        }
        if !self.rules.allows(self.rules.permissions.add, &self.me) {
            return Verdict::GivenUp(GivenUp::NotAllowed);
        }
        if wish.admission.is_empty() {
            return Verdict::Waits;
        }
        let Some((knock_key, key_packages)) = admit::read_admission(account, &wish.admission)
        else {
            return Verdict::GivenUp(GivenUp::Unreachable);
        };
        let devices = self.members.len() - self.change.remove.len() + self.change.add.len();
        if devices + key_packages.len() > MAX_MEMBERS {
            return Verdict::GivenUp(GivenUp::Impossible);
        }
        if self.change.add.len() + key_packages.len() > limits::WELCOMES_PER_COMMIT {
            return Verdict::Waits;
        }
        let aliases = key_packages
            .iter()
            .map(|key_package| key_package.device().leaf.alias.to_vec());
        self.welcomes.push((knock_key, aliases.collect()));
        self.change.add.extend(key_packages);
        Verdict::Included
    }

    /// Adds a device of one's own; one that is there already, in an older state, is added anew, whosoever it is.
    fn add_device(&mut self, wish: &WishRow) -> Verdict {
        // A place in the group that this one goes on from is none in this.
        let Some(place) = Place::of(wish).filter(|place| place.group_id == self.group_id) else {
            return Verdict::GivenUp(GivenUp::Impossible);
        };
        let theirs = |member: &&Member| member.certificate.device_key == place.device();
        let there = self.members.iter().find(theirs);
        if there.is_some_and(|member| member.leaf.alias == place.alias()) {
            return Verdict::Done;
        }
        if there.is_none() && wish.account != self.me.as_bytes() {
            return Verdict::GivenUp(GivenUp::NotAllowed);
        }
        let size = self.members.len() - self.change.remove.len() + self.change.add.len();
        if there.is_none() && size >= MAX_MEMBERS {
            return Verdict::GivenUp(GivenUp::Impossible);
        }
        if self.change.add.len() >= limits::WELCOMES_PER_COMMIT {
            return Verdict::Waits;
        }
        self.change.remove.extend(there.map(|member| member.index));
        let alias = place.alias().to_vec();
        self.welcomes.push((place.knock_key, vec![alias]));
        self.change.add.push(place.key_package);
        Verdict::Included
    }

    fn remove_device(&mut self, wish: &WishRow) -> Verdict {
        let me = self.me;
        let theirs = self.members.iter().filter(|member| {
            member.account == me && name_of(&member.certificate.device_key) == wish.text
        });
        let indices: Vec<u32> = theirs.map(|member| member.index).collect();
        if indices.is_empty() {
            return Verdict::Done;
        }
        self.change.remove.extend(indices);
        Verdict::Included
    }

    fn is_present(&self, account: &AccountId) -> bool {
        let removed: BTreeSet<u32> = self.change.remove.iter().copied().collect();
        let stays = |member: &Member| !removed.contains(&member.index);
        self.members
            .iter()
            .any(|member| member.account == *account && stays(member))
    }

    /// Whoever goes over from another group names it, unless its founder has.
    fn name_predecessor(&mut self, row: &GroupRow) -> Result<(), EngineError> {
        if row.predecessor.is_empty() {
            return Ok(());
        }
        let predecessor = group_id(&row.predecessor)?;
        let named = &mut self.rules.predecessors;
        if named.len() < MAX_PREDECESSORS && !named.contains(&predecessor) {
            named.push(predecessor);
        }
        Ok(())
    }
}

/// The permission of a name.
pub(crate) fn permission(
    permissions: &mut undertone_mls::Permissions,
    what: Permitted,
) -> &mut Who {
    match what {
        Permitted::Send => &mut permissions.send,
        Permitted::Edit => &mut permissions.edit,
        Permitted::Add => &mut permissions.add,
        Permitted::Pin => &mut permissions.pin,
        Permitted::MentionAll => &mut permissions.mention_all,
    }
}

/// Whether an epoch's state leaves anybody to talk to.
pub(crate) fn is_alone(group: &Group) -> bool {
    group.size() <= 1
}

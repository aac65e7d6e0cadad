//! This device's own commits: made, sent to the sequencer, and merged only at their place in the queue.

use prost::Message as _;
use undertone_mls::{Fetched, Group, OpenError, Opened, Outside, PendingCommit, Pointer, Provider};
use undertone_store::{
    chats::{ChatKind, ChatState},
    groups::{GroupRow, PendingCommitRow},
    wishes::{WishKind, WishRow},
};
use undertone_wire::{
    digest::commit_digest,
    ids::{Alias, Handle},
    limits,
    proto::{self, send_request::Body as Request},
    signing::Purpose,
    time::{Timestamp, WEEK_MS},
};

use crate::{
    compose_commit::compose,
    conversation::guard,
    engine::Engine,
    error::EngineError,
    fall_behind::cannot_follow,
    loaded_groups::{load_group, view_group},
    outside::{self, Fetching, WhatFor},
    receive_commit,
    step::{MlsKeys, Step},
    tasks::{Hold, SendTask},
};

/// One's own leaf is made anew after so many weeks, so that keys which leaked once do not open what comes later.
const LEAF_WEEKS: u64 = 1;
/// One week more for so many devices in the group, up to half a year.
const DEVICES_PER_WEEK: u64 = 64;
const MOST_WEEKS: u64 = 26;

/// A commit with its way to the members.
pub(crate) struct NewCommit {
    pub(crate) pending: PendingCommit,
    pub(crate) aliases: Vec<Vec<u8>>,
    pub(crate) welcomes: Vec<proto::WelcomeDelivery>,
    pub(crate) new_alias: Option<Alias>,
    /// What commit and Welcomes point to.
    pub(crate) outside: Vec<Outside>,
}

/// Signs a commit for the sequencer and keeps it until it is merged or lost.
pub(crate) fn keep_commit(
    step: &mut Step<'_>,
    group: &Group,
    handle: Handle,
    commit: NewCommit,
) -> Result<(), EngineError> {
    let secrets = group
        .secrets(&step.mls().provider())
        .map_err(|_| EngineError::Mls("exporting an epoch's keys"))?;
    let mut request = proto::Commit {
        handle: handle.to_vec(),
        epoch: group.epoch(),
        payload: commit.pending.envelope.into(),
        aliases: commit.aliases,
        welcomes: commit.welcomes,
        next: Some(commit.pending.next),
        signature: Vec::new(),
    };
    let digest = commit_digest(&request);
    request.signature = secrets
        .commit_key
        .sign(Purpose::SequencedCommit, &[&digest])
        .to_vec();
    let outside = outside::requests(step, commit.outside);
    step.tx.put_pending_commit(&PendingCommitRow {
        group_id: group.id().as_bytes().to_vec(),
        epoch: group.epoch(),
        request: request.encode_to_vec(),
        new_alias: commit.new_alias,
        accepted: false,
        outside,
        put: 0,
    })?;
    Ok(())
}

impl Engine {
    /// Makes the handles of founded groups known to the sequencer; tells whether there are any.
    pub(crate) fn make_handles(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        if !self.survey.handles {
            return Ok(false);
        }
        let mut busy = false;
        for mut group in self.store.read(|tx| tx.groups())? {
            if group.handle_made || self.is_held(&Hold::Group(group.group_id.clone()), now) {
                continue;
            }
            busy = true;
            let task = SendTask::CreateHandle(group.group_id.clone());
            if !self.send.is_ready() || self.send.unanswered().any(|other| *other == task) {
                continue;
            }
            let first_day = self.first_token_day(now);
            let body = self.step(now, |step| {
                if group.handle_token.is_empty() {
                    let Some(tokens) = step.tx.take_tokens(limits::PRICE_HANDLE, first_day)? else {
                        return Ok(None);
                    };
                    group.handle_token = tokens.concat();
                    step.tx.put_group(&group)?;
                }
                let state = view_group(step, &group.group_id)?;
                let secrets = state
                    .secrets(&step.mls().provider())
                    .map_err(|_| EngineError::Mls("exporting an epoch's keys"))?;
                Ok::<_, EngineError>(Some(proto::CreateHandle {
                    handle: group.handle.to_vec(),
                    epoch: state.epoch(),
                    keys: Some(secrets.public()),
                    token: group.handle_token.clone(),
                }))
            })?;
            if let Some(body) = body {
                self.ask_sending(Request::CreateHandle(body), task, now);
            }
        }
        Ok(busy)
    }

    pub(crate) fn handle_made(&mut self, group_id: &[u8]) -> Result<(), EngineError> {
        self.release(&Hold::Group(group_id.to_vec()));
        self.change_group(group_id, |group| {
            group.handle_made = true;
            group.handle_token.clear();
        })
    }

    pub(crate) fn handle_refused(
        &mut self,
        group_id: &[u8],
        error: &proto::ServiceError,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.hold(Hold::Group(group_id.to_vec()), error, now);
        self.change_group(group_id, |group| group.handle_token.clear())
    }

    fn change_group(
        &mut self,
        id: &[u8],
        change: impl FnOnce(&mut GroupRow),
    ) -> Result<(), EngineError> {
        self.store.write(|tx| {
            let Some(mut group) = tx.group(id)? else {
                return Ok(());
            };
            change(&mut group);
            Ok(tx.put_group(&group)?)
        })
    }

    /// Makes the commits that are due: for what is wished, and for one's own leaf on accepting and every week. Tells
    /// whether there are any.
    pub(crate) fn make_commits(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let is_due = |at: Timestamp| at != Timestamp(0) && at <= now;
        let old = |leaf_at: Timestamp| now.since(leaf_at) >= LEAF_WEEKS * WEEK_MS;
        let survey = self.survey;
        if !is_due(survey.leaf_due_at) && !is_due(survey.wish_at) && !old(survey.oldest_leaf_at) {
            return Ok(false);
        }
        let due = self.store.read(|tx| {
            let mut due = Vec::new();
            for group in tx.groups()? {
                if group.behind > 0
                    || !group.handle_made
                    || tx.pending_commit(&group.group_id)?.is_some()
                {
                    continue;
                }
                let Some(chat) = tx.chat(&group.chat)? else {
                    continue;
                };
                if chat.group_id != group.group_id {
                    continue;
                }
                let wanted = group.wants_leaf && group.leaf_due <= now;
                // In a large group each waits longer, so that not more commits come to everybody.
                let weeks = LEAF_WEEKS * (1 + tx.devices_in(&chat.chat)? / DEVICES_PER_WEEK);
                let aged = now.since(group.leaf_at) >= weeks.min(MOST_WEEKS) * WEEK_MS;
                let ages = chat.kind != ChatKind::Notes && aged;
                let leaf = chat.state == ChatState::Active && (wanted || ages);
                let wishes = matches!(chat.state, ChatState::Active | ChatState::Left)
                    && tx
                        .wishes_for(&chat.chat)?
                        .iter()
                        .any(|wish| is_ready(wish, now));
                if leaf || wishes {
                    due.push((chat, group, leaf));
                }
            }
            Ok::<_, EngineError>(due)
        })?;
        let any = !due.is_empty();
        for (chat, group, leaf) in due {
            self.step(now, |step| compose(step, &chat, group, leaf))?;
        }
        Ok(any)
    }

    /// Sends commits to the sequencer; tells whether there are any.
    pub(crate) fn send_commits(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        if !self.survey.commits {
            return Ok(false);
        }
        let mut busy = false;
        for commit in self.store.read(|tx| tx.commits_to_send())? {
            let held = self.is_held(&Hold::Group(commit.group_id.clone()), now);
            let task = SendTask::Commit {
                group_id: commit.group_id.clone(),
                epoch: commit.epoch,
            };
            busy = true;
            if held || !self.send.is_ready() || self.send.unanswered().any(|other| *other == task) {
                continue;
            }
            // One's own alias must stand before the commit, or its place in one's own queue would be missed.
            let ready = self.store.read(|tx| {
                let Some(group) = tx.group(&commit.group_id)? else {
                    return Ok(false);
                };
                let alias = tx.alias(&commit.new_alias.unwrap_or(group.own_alias))?;
                let stands = alias.is_some_and(|row| {
                    row.state == undertone_store::aliases::AliasState::Registered
                });
                Ok::<_, EngineError>(group.handle_made && stands)
            })?;
            if ready && self.put_outside(&commit, now)? {
                let request = proto::Commit::decode(commit.request.as_slice())
                    .map_err(|_| EngineError::Damaged("a commit"))?;
                self.ask_sending(Request::Commit(request), task, now);
            }
        }
        Ok(busy)
    }

    pub(crate) fn commit_accepted(
        &mut self,
        group_id: &[u8],
        epoch: u64,
    ) -> Result<(), EngineError> {
        self.release(&Hold::Group(group_id.to_vec()));
        self.store.write(|tx| match tx.pending_commit(group_id)? {
            Some(mut commit) if commit.epoch == epoch => {
                commit.accepted = true;
                Ok(tx.put_pending_commit(&commit)?)
            }
            _ => Ok(()),
        })
    }

    /// Another commit won the epoch: one's own is given up, and made anew after the winner is merged if it is still
    /// wanted.
    pub(crate) fn commit_lost(
        &mut self,
        group_id: &[u8],
        epoch: u64,
        stands_at: u64,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let lost = self.step(now, |step| {
            let commit = step.tx.pending_commit(group_id)?;
            if commit.is_none_or(|commit| commit.epoch != epoch) {
                return Ok(false);
            }
            let mut group = load_group(step, group_id)?;
            if group.epoch() != epoch {
                return Ok(false);
            }
            group
                .discard_pending(&step.mls().provider())
                .map_err(|_| EngineError::Mls("discarding a commit"))?;
            receive_commit::forget_pending(step, group_id)?;
            receive_commit::note_behind(step, group_id, stands_at)?;
            Ok::<_, EngineError>(true)
        })?;
        if lost {
            self.arrivals.want_barrier();
        }
        Ok(())
    }

    /// Fetches the commits that did not come through the queue, from the sequencer: a hostile committer may leave
    /// somebody out. Only after a barrier, so that nothing is fetched that is on its way.
    pub(crate) fn fetch_missing_commits(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        if !self.survey.behind {
            return Ok(false);
        }
        let behind: Vec<_> = self
            .store
            .read(|tx| tx.groups())?
            .into_iter()
            .filter(|group| group.behind > 0)
            .collect();
        let any = !behind.is_empty();
        for group in behind {
            // What is in doubt stands behind all that could be on its way.
            let doubt = self.doubt.as_ref();
            let in_doubt = doubt.is_some_and(|doubt| doubt.misses(&group.group_id));
            let fetches = self.fetching.iter().any(|fetching| {
                matches!(&fetching.what_for, WhatFor::Commit(id, _) if *id == group.group_id)
            });
            let nothing_waits = self.arrivals.barrier_passed && self.arrivals.is_empty();
            if !(nothing_waits || in_doubt)
                || fetches
                || !self.send.is_ready()
                || self.is_held(&Hold::Group(group.group_id.clone()), now)
            {
                continue;
            }
            let guard = self.step(now, |step| {
                let state = view_group(step, &group.group_id)?;
                guard(step, &state, &group)
            })?;
            let task = SendTask::FetchCommit {
                group_id: group.group_id.clone(),
                epoch: guard.epoch,
            };
            if !self.send.unanswered().any(|other| *other == task) {
                let body = proto::FetchCommit {
                    handle: guard.handle,
                    epoch: guard.epoch,
                    send_key: guard.send_key,
                };
                self.ask_sending(Request::FetchCommit(body), task, now);
            }
        }
        Ok(any)
    }

    pub(crate) fn commit_fetched(
        &mut self,
        group_id: &[u8],
        epoch: u64,
        payload: &[u8],
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.release(&Hold::Group(group_id.to_vec()));
        let pointer = self.step(now, |step| {
            take_missing(step, group_id, epoch, |group, provider| {
                group.open(provider, payload)
            })
        })?;
        if let Some(pointer) = pointer {
            let what_for = WhatFor::Commit(group_id.to_vec(), epoch);
            self.fetching.push_back(Fetching::new(pointer, what_for));
        }
        Ok(())
    }

    /// What a commit pointed to that came by itself has been fetched, or could not be.
    pub(crate) fn outside_commit_fetched(
        &mut self,
        group_id: &[u8],
        epoch: u64,
        fetched: Option<&Fetched>,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.step(now, |step| {
            take_missing(step, group_id, epoch, |group, provider| match fetched {
                Some(fetched) => group.open_fetched(provider, fetched),
                None => Err(OpenError::BrokenCommit),
            })
        })?;
        Ok(())
    }
}

/// Merges a commit that came by itself; gives where it lies, if that is outside.
fn take_missing(
    step: &mut Step<'_>,
    group_id: &[u8],
    epoch: u64,
    open: impl FnOnce(&mut Group, &Provider<'_, MlsKeys<'_>>) -> Result<Opened, OpenError>,
) -> Result<Option<Pointer>, EngineError> {
    let Some(row) = step.tx.group(group_id)? else {
        return Ok(None);
    };
    let mut group = load_group(step, group_id)?;
    if group.epoch() != epoch {
        return Ok(None);
    }
    match open(&mut group, &step.mls().provider()) {
        Ok(Opened::Outside(pointer)) => return Ok(Some(pointer)),
        Ok(Opened::Commit(commit)) => receive_commit::merge(step, row, group, *commit)?,
        Ok(Opened::OwnCommit) => receive_commit::merge_own(step, row, group)?,
        Err(OpenError::Storage(_)) => return Err(EngineError::Mls("opening a commit")),
        Err(OpenError::InvalidCommit { by, .. }) => receive_commit::burn(step, &row, by)?,
        Ok(_) | Err(_) => cannot_follow(step, row)?,
    }
    Ok(None)
}

/// Whether a commit can do something about a wish now.
fn is_ready(wish: &WishRow, now: Timestamp) -> bool {
    let possible = match wish.kind {
        WishKind::Leave | WishKind::Renew => false,
        WishKind::Add | WishKind::AddDevice => !wish.admission.is_empty(),
        _ => true,
    };
    possible && wish.due_at <= now
}

//! The digests that are signed on, or identify, requests of the sending connection.

use crate::{proto, signing::hash_parts};

/// What the epoch's commit key signs, and what makes a repeated commit the same commit.
pub fn commit_digest(commit: &proto::Commit) -> [u8; 32] {
    let next = commit.next.clone().unwrap_or_default();
    let epoch = commit.epoch.to_be_bytes();
    let aliases = list_digest(commit.aliases.iter().map(Vec::as_slice));
    let welcomes = list_digest(
        commit
            .welcomes
            .iter()
            .flat_map(|welcome| [welcome.alias.as_slice(), welcome.payload.as_ref()]),
    );
    hash_parts(
        "undertone/1 commit",
        &[
            &commit.handle,
            &epoch,
            &commit.payload,
            &aliases,
            &welcomes,
            &next.commit_key,
            &next.send_key_hash,
        ],
    )
}

/// What a card's owner key signs for a change. Tokens are not part of it: a repeated request may pay anew.
pub fn card_put_digest(put: &proto::CardPut) -> [u8; 32] {
    let items: Vec<_> = put
        .items
        .iter()
        .flat_map(|item| {
            [
                item.slot.to_be_bytes().to_vec(),
                item.week.to_be_bytes().to_vec(),
                item.sealed.clone(),
            ]
        })
        .collect();
    let items = list_digest(items.iter().map(Vec::as_slice));
    let lease = put.lease_weeks.to_be_bytes();
    hash_parts(
        "undertone/1 card put",
        &[&put.card, &put.owner_key, &put.head, &items, &lease],
    )
}

/// What a card's owner key signs to drop it.
pub fn card_drop_digest(card: &[u8]) -> [u8; 32] {
    hash_parts("undertone/1 card drop", &[card])
}

/// The hash of a send key, as the sequencer keeps it.
pub fn send_key_hash(send_key: &[u8]) -> [u8; 32] {
    hash_parts("undertone/1 send key", &[send_key])
}

/// The hash of a drop key, as a blob keeps it.
pub fn drop_key_hash(drop_key: &[u8]) -> [u8; 32] {
    hash_parts("undertone/1 drop key", &[drop_key])
}

/// The name of a list of aliases, by which it can be delivered to again.
pub fn alias_list_hash<'a>(aliases: impl Iterator<Item = &'a [u8; 32]>) -> [u8; 32] {
    let aliases: Vec<_> = aliases.map(<[u8; 32]>::as_slice).collect();
    hash_parts("undertone/1 alias list", &aliases)
}

fn list_digest<'a>(items: impl Iterator<Item = &'a [u8]>) -> [u8; 32] {
    let items: Vec<_> = items.collect();
    hash_parts("undertone/1 list", &items)
}

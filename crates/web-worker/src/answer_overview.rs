//! All that is in the list.

use std::collections::BTreeSet;

use undertone_engine::{Change, ChatKind, Engine, ListedChat, MessageKind, MessageState};
use undertone_web_messages::{
    Account, ChatEntry, InvitationEntry, Overview, Preview, Refusal, RequestEntry,
};
use undertone_wire::time::Timestamp;

use crate::{
    keys::{chat_key, message_key, person_key},
    names::Names,
    refusal::{failure, refusal},
    views,
};

/// Characters of a message or draft that the list shows at most.
const BEGINNING: u32 = 120;

/// Reads the list. Of a device without an account it says when it was signed out, if it was.
pub(crate) fn overview(
    engine: &Engine,
    signed_out_at: Option<Timestamp>,
) -> Result<Overview, Refusal> {
    let account = engine.account_view().map_err(|error| failure(&error))?;
    let requests = engine.requests().map_err(|error| failure(&error))?;
    let chats = engine
        .chat_list(BEGINNING)
        .map_err(|error| failure(&error))?;
    let added_by_contacts = engine
        .added_by_contacts()
        .map_err(|error| failure(&error))?;
    // Members of groups are named only where one of them spoke last.
    let mut names = Names::of_contacts(engine).map_err(|error| refusal(&error))?;
    for listed in chats.iter().filter(|listed| listed.last.is_some()) {
        if listed.view.kind == ChatKind::Group {
            names
                .add_members(engine, &listed.view.chat)
                .map_err(|error| refusal(&error))?;
        }
    }
    let waiting: BTreeSet<_> = engine
        .chats_without_place()
        .map_err(|error| failure(&error))?
        .into_iter()
        .collect();
    Ok(Overview {
        signed_out_at: signed_out_at.filter(|_| account.is_none()).map(|at| at.0),
        outside: engine.is_outside().map_err(|error| failure(&error))?,
        account: account.map(|account| Account {
            person: person_key(&account.account),
            name: account.name,
            server: account.server,
            added_by_contacts,
            registered: account.registered,
            refused: account.refused.map(views::refused),
        }),
        line: views::line(engine.line()),
        requests: requests
            .into_iter()
            .map(|request| RequestEntry {
                request: chat_key(&request.request),
                came_by: request.came_by.map(views::came_by),
                received_at: request.received_at.0,
            })
            .collect(),
        invitations: engine
            .invitations()
            .map_err(|error| failure(&error))?
            .into_iter()
            .map(|invitation| InvitationEntry {
                id: message_key(&invitation.id),
                from: names.of(&invitation.from),
                people: invitation.group_size,
                received_at: invitation.received_at.0,
            })
            .collect(),
        chats: chats
            .into_iter()
            .filter_map(|listed| {
                let waits = waiting.contains(&listed.view.chat);
                entry(listed, &names, waits)
            })
            .collect(),
    })
}

fn entry(listed: ListedChat, names: &Names, waits: bool) -> Option<ChatEntry> {
    let view = listed.view;
    let in_group = view.kind == ChatKind::Group;
    Some(ChatEntry {
        chat: chat_key(&view.chat),
        kind: views::chat_kind(view.kind),
        state: views::chat_state(view.state)?,
        reason: view.reason,
        name: view.name,
        person: listed.account.as_ref().map(person_key),
        verified: listed.verified,
        unread: view.unread,
        read_up_to: view.read_up_to,
        last: listed.last.map(|last| Preview {
            from: if in_group && last.state == MessageState::Received {
                names.of(&last.sender)
            } else {
                String::new()
            },
            change: (last.kind == MessageKind::Change)
                .then(|| names.change(&Change::decode(&last.change), &last.sender)),
            text: match last.kind {
                MessageKind::Text => last.text,
                MessageKind::Newer | MessageKind::Change => String::new(),
            },
            mark: views::mark(last.state),
            sent_at: last.sent_at.0,
        }),
        draft: listed.draft,
        last_at: view.last_at.0,
        waits,
    })
}

//! What is to be shown, read from the engine.

use undertone_engine::{
    ChatId, ChatState, ChatView, ContactView, Engine, MessageRow, MessageState, TransferState,
};

use super::model::{ChatEntry, History, Line, Message, Model, OpenChat, RequestEntry};
use crate::{failure::Failure, resolve::Names, safe_text, words};

/// Messages that are shown at first, and how many more each time.
const PAGE: u64 = 200;
/// Messages that are kept on the screen's side at most.
const MOST: u64 = 10_000;

/// Which chat is open, and how much of it.
#[derive(Debug, Clone, Default)]
pub struct Viewing {
    chat: Option<ChatId>,
    messages: u64,
    until: Option<u64>,
}

impl Viewing {
    /// Opens a chat, back to message `seq` if that is given.
    pub fn open(&mut self, chat: ChatId, seq: Option<u64>) {
        *self = Self {
            chat: Some(chat),
            messages: PAGE,
            until: seq,
        };
    }

    /// Shows more of it.
    pub fn more(&mut self) {
        self.messages = self.messages.saturating_add(PAGE).min(MOST);
    }

    /// Messages that are shown.
    pub fn messages(&self) -> u64 {
        self.messages.max(PAGE)
    }
}

/// How the engine is connected.
///
/// # Errors
/// [`Failure`] if the store fails.
pub fn line(engine: &Engine) -> Result<Line, Failure> {
    let status = engine.status()?;
    let refused = engine
        .account_view()?
        .is_some_and(|view| view.refused.is_some());
    Ok(match (refused, status.synced, status.failing) {
        (true, _, _) => Line::Refused,
        (_, true, _) => Line::Online,
        (_, false, true) => Line::Offline,
        (_, false, false) => Line::Connecting,
    })
}

fn history(engine: &Engine) -> Result<Option<History>, Failure> {
    let transfers = engine.transfers()?;
    let under_way = transfers
        .iter()
        .find(|transfer| transfer.state == TransferState::UnderWay);
    Ok(under_way.map(|transfer| History {
        giving: transfer.giving,
        messages: transfer.messages,
        total: transfer.total,
    }))
}

/// Reads all that is shown.
///
/// # Errors
/// [`Failure`] if the store fails.
pub fn take(engine: &Engine, viewing: &Viewing) -> Result<Model, Failure> {
    let contacts = engine.contacts()?;
    let chats = engine.chats()?;
    let open = viewing
        .chat
        .and_then(|open| chats.iter().find(|chat| chat.chat == open))
        .map(|chat| read_open(engine, viewing, chat))
        .transpose()?;
    let requests = engine.requests()?;
    Ok(Model {
        line: line(engine)?,
        history: history(engine)?,
        requests: requests
            .into_iter()
            .map(|view| RequestEntry {
                request: view.request,
                came_by: view.came_by,
                received_at: view.received_at,
            })
            .collect(),
        chats: chats.iter().map(|chat| entry(chat, &contacts)).collect(),
        open,
    })
}

fn entry(chat: &ChatView, contacts: &[ContactView]) -> ChatEntry {
    let contact = contacts
        .iter()
        .find(|contact| contact.chat == Some(chat.chat));
    ChatEntry {
        chat: chat.chat,
        name: safe_text::cell_line(words::or_no_name(&words::chat_name(chat))),
        kind: chat.kind,
        state: chat.state,
        reason: chat.reason.clone(),
        unread: chat.unread,
        contact: contact.map(|contact| contact.account),
        verified: contact.is_some_and(|contact| contact.verified),
    }
}

fn read_open(engine: &Engine, viewing: &Viewing, chat: &ChatView) -> Result<OpenChat, Failure> {
    let mut limit = viewing.messages();
    let mut rows = match chat.state {
        ChatState::Request => Vec::new(),
        _ => engine.history(&chat.chat, u64::MAX, limit)?,
    };
    let reaches = |rows: &[MessageRow]| match (viewing.until, rows.first()) {
        (Some(seq), Some(oldest)) => oldest.seq <= seq,
        _ => true,
    };
    while !reaches(&rows) && limit < MOST && rows.len() as u64 == limit {
        limit = (limit * 2).min(MOST);
        rows = engine.history(&chat.chat, u64::MAX, limit)?;
    }
    let own = engine.account_view()?.ok_or(Failure::NoProfile)?.account;
    let names = Names::read(engine, own)?;
    Ok(OpenChat {
        chat: chat.chat,
        complete: (rows.len() as u64) < limit || limit >= MOST,
        messages: rows.iter().map(|row| message(row, &names)).collect(),
    })
}

fn message(row: &MessageRow, names: &Names) -> Message {
    // What others said is received; everything else is one's own.
    let received = row.state == MessageState::Received;
    let change = names.change(row);
    Message {
        seq: row.seq,
        sender: received.then(|| safe_text::cell_line(&names.of(&row.sender))),
        notice: change.is_some(),
        lines: safe_text::cell_lines(change.as_deref().unwrap_or_else(|| words::text(row))),
        sent_at: row.sent_at,
        state: row.state,
    }
}

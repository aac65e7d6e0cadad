//! Which stretch of a conversation's history, which may be long, is in the document: a window that follows the eye.
//!
//! Only some hundred messages are in the document at a time. Towards its edges more are read; what is far away is let
//! go of. What the eye rests on does not move meanwhile.

use leptos::{ev, html, prelude::*, task::spawn_local};
use undertone_web_messages::{Answer, Ask, ChatKey, Mark, Message, News, Stretch};

use crate::{
    bridge::{self, Told},
    browser,
    state::Page,
};

/// Messages that are read at a time.
const STRETCH: u32 = 60;
/// Messages that are kept in the document at most.
const MOST: usize = 240;
/// Distance from an edge at which more is read, and from the end that still counts as the end, in pixels.
const NEAR: i32 = 900;
const AT_END: i32 = 60;

/// The state of one log. Copies are the same state.
#[derive(Clone, Copy)]
pub struct Log {
    pub(super) page: Page,
    pub(super) chat: ChatKey,
    pub(super) node: NodeRef<html::Div>,
    pub(super) rows: RwSignal<Vec<Message>>,
    /// Written here and not yet confirmed by the engine.
    pub writing: RwSignal<Vec<Message>>,
    pub(super) older: RwSignal<bool>,
    pub(super) newer: RwSignal<bool>,
    pub(super) ready: RwSignal<bool>,
    pub(super) busy: RwSignal<bool>,
    pub(super) at_end: RwSignal<bool>,
    pub(super) unseen: RwSignal<u32>,
    pub(super) unread_after: RwSignal<Option<u64>>,
    marked: RwSignal<u64>,
    pub(super) found: RwSignal<Option<u64>>,
    /// How often the window was asked for anew: an answer that was overtaken is let go.
    asked: StoredValue<u64>,
}

impl Log {
    /// Opens the log of a chat: at its end, or where it was read up to, or at a message that was looked for.
    pub fn open(page: Page, chat: ChatKey) -> Self {
        let entry = page.chat(chat);
        let read_up_to = entry.as_ref().map_or(0, |entry| entry.read_up_to);
        let unread = entry.is_some_and(|entry| entry.unread > 0);
        let log = Self {
            page,
            chat,
            node: NodeRef::new(),
            rows: RwSignal::new(Vec::new()),
            writing: RwSignal::new(Vec::new()),
            older: RwSignal::new(false),
            newer: RwSignal::new(false),
            ready: RwSignal::new(false),
            busy: RwSignal::new(false),
            at_end: RwSignal::new(true),
            unseen: RwSignal::new(0),
            unread_after: RwSignal::new(unread.then_some(read_up_to)),
            marked: RwSignal::new(read_up_to),
            found: RwSignal::new(None),
            asked: StoredValue::new(0),
        };
        let number = bridge::listen(move |told| log.hear(told));
        on_cleanup(move || bridge::stop_listening(number));
        let focused = window_event_listener(ev::focus, move |_| log.mark_read());
        on_cleanup(move || focused.remove());
        Effect::new(move |_| {
            if let Some((wanted, seq)) = log.page.go_to.get()
                && wanted == chat
            {
                log.page.go_to.set(None);
                log.go_to(seq);
            }
        });
        if page
            .go_to
            .with_untracked(|to| to.is_none_or(|(wanted, _)| wanted != chat))
        {
            log.read_first();
        }
        log
    }

    /// Shows a message as being written, until the engine has it.
    pub fn writes(self, message: Message) {
        self.writing.update(|writing| writing.push(message));
        if self.newer.get_untracked() {
            self.read_newest();
        } else {
            self.scroll_to_end();
        }
        self.unread_after.set(None);
    }

    /// The engine has the message, or refused it.
    pub fn wrote(self, id: undertone_web_messages::MessageKey, kept: bool) {
        if !kept {
            // The chat may have been left meanwhile.
            let _ = self
                .writing
                .try_update(|writing| writing.retain(|message| message.id != id));
        }
    }

    /// Whether the log is no more on the screen, and its state gone: what was begun for it ends.
    fn is_gone(self) -> bool {
        self.rows.is_disposed()
    }

    fn read_first(self) {
        let from = match self.unread_after.get_untracked() {
            Some(seq) if seq > 0 => Stretch::Around(seq),
            _ => Stretch::Newest,
        };
        spawn_local(async move { self.read(from, Place::Unread).await });
    }

    pub(super) fn read_newest(self) {
        spawn_local(async move { self.read(Stretch::Newest, Place::End).await });
    }

    fn go_to(self, seq: u64) {
        spawn_local(async move {
            self.read(Stretch::Around(seq), Place::Message(seq)).await;
            let _ = self.found.try_set(Some(seq));
        });
    }

    /// Reads the window anew and places the eye.
    async fn read(self, from: Stretch, place: Place) {
        let ask = Ask::History {
            chat: self.chat,
            from,
            limit: 2 * STRETCH,
        };
        let number = self.asked.get_value() + 1;
        self.asked.set_value(number);
        let Answer::Page(stretch) = bridge::ask(ask).await else {
            return;
        };
        if self.is_gone() || self.asked.get_value() != number {
            return;
        }
        self.older.set(stretch.older);
        self.newer.set(stretch.newer);
        self.set_rows(stretch.messages);
        self.unseen.set(0);
        self.ready.set(true);
        after_drawing(move || {
            self.place(place);
            self.look();
        });
    }

    fn place(self, place: Place) {
        let Some(node) = self.node.try_get_untracked().flatten() else {
            return;
        };
        let to = match place {
            Place::End => None,
            Place::Unread => node.query_selector(".unread-line").ok().flatten(),
            Place::Message(seq) => node.query_selector(&format!("#m{seq}")).ok().flatten(),
        };
        match to {
            Some(element) => {
                let shift = element.get_bounding_client_rect().top()
                    - node.get_bounding_client_rect().top();
                node.set_scroll_top(node.scroll_top() + rounded(shift) - node.client_height() / 3);
            }
            None => node.set_scroll_top(node.scroll_height()),
        }
    }

    fn set_rows(self, rows: Vec<Message>) {
        self.writing.update(|writing| {
            writing.retain(|written| rows.iter().all(|row| row.id != written.id))
        });
        self.rows.set(rows);
    }

    /// Reads what comes before the window, while the eye stays where it is.
    fn read_older(self) {
        if self.busy.get_untracked() || !self.older.get_untracked() {
            return;
        }
        let Some(first) = self
            .rows
            .with_untracked(|rows| rows.first().map(|row| row.seq))
        else {
            return;
        };
        self.busy.set(true);
        spawn_local(async move {
            let ask = Ask::History {
                chat: self.chat,
                from: Stretch::Before(first),
                limit: STRETCH,
            };
            let answer = bridge::ask(ask).await;
            if self.is_gone() {
                return;
            }
            let still = self
                .rows
                .with_untracked(|rows| rows.first().map(|row| row.seq));
            // Else the window is another one by now, and this does not join it.
            if let Answer::Page(stretch) = answer
                && still == Some(first)
            {
                self.keeping_place(first, || {
                    self.older.set(stretch.older);
                    let mut rows = stretch.messages;
                    rows.extend(self.rows.get_untracked());
                    if rows.len() > MOST {
                        rows.truncate(MOST);
                        self.newer.set(true);
                    }
                    self.rows.set(rows);
                });
            }
            self.busy.set(false);
        });
    }

    /// Where the window begins at the beginning, there may be an earlier one now.
    fn read_what_came_before(self) {
        if self.rows.with_untracked(Vec::is_empty) {
            self.read_newest();
        } else if !self.older.get_untracked() {
            self.older.set(true);
            self.read_older();
        }
    }

    /// Reads what comes after the window, while the eye stays where it is, or follows the end.
    fn read_newer(self) {
        if self.busy.get_untracked() {
            return;
        }
        let Some(last) = self
            .rows
            .with_untracked(|rows| rows.last().map(|row| row.seq))
        else {
            self.read_newest();
            return;
        };
        self.busy.set(true);
        spawn_local(async move {
            let ask = Ask::History {
                chat: self.chat,
                from: Stretch::After(last),
                limit: STRETCH,
            };
            let answer = bridge::ask(ask).await;
            if self.is_gone() {
                return;
            }
            let still = self
                .rows
                .with_untracked(|rows| rows.last().map(|row| row.seq));
            if still != Some(last) {
                // The window is another one by now, which this does not join.
                self.busy.set(false);
                self.read_newer();
                return;
            }
            if let Answer::Page(stretch) = answer
                && !stretch.messages.is_empty()
            {
                let follow = self.at_end.get_untracked() && !self.newer.get_untracked();
                self.keeping_place(last, || {
                    self.newer.set(stretch.newer);
                    let mut rows = self.rows.get_untracked();
                    rows.extend(stretch.messages);
                    if rows.len() > MOST {
                        rows.drain(..rows.len() - MOST);
                        self.older.set(true);
                    }
                    self.set_rows(rows);
                });
                if follow {
                    self.scroll_to_end();
                }
            }
            self.busy.set(false);
            // What arrived while this was read.
            if self.unseen.get_untracked() > 0
                && !self.newer.get_untracked()
                && self.at_end.get_untracked()
            {
                self.unseen.set(0);
                self.read_newer();
            }
        });
    }

    /// Changes the rows; afterwards message `seq` is where it was on the screen.
    fn keeping_place(self, seq: u64, change: impl FnOnce()) {
        let top = move || {
            let element = document().get_element_by_id(&format!("m{seq}"))?;
            // What is folded has no place of its own.
            let element = element
                .closest(".changes")
                .ok()
                .flatten()
                .unwrap_or(element);
            Some(element.get_bounding_client_rect().top())
        };
        let before = top();
        change();
        after_drawing(move || {
            if let (Some(before), Some(after), Some(node)) =
                (before, top(), self.node.try_get_untracked().flatten())
            {
                node.set_scroll_top(node.scroll_top() + rounded(after - before));
            }
            self.look();
        });
    }

    pub(super) fn scroll_to_end(self) {
        self.at_end.set(true);
        after_drawing(move || {
            self.place(Place::End);
            self.look();
        });
    }

    /// Looks where the eye is, and does what follows from that.
    pub(super) fn look(self) {
        let Some(node) = self.node.try_get_untracked().flatten() else {
            return;
        };
        let above = node.scroll_top();
        let below = node.scroll_height() - above - node.client_height();
        let at_end = below <= AT_END && !self.newer.get_untracked();
        if self.at_end.get_untracked() != at_end {
            self.at_end.set(at_end);
        }
        if at_end {
            self.unseen.set(0);
            self.mark_read();
        }
        if above < NEAR {
            self.read_older();
        }
        if below < NEAR && self.newer.get_untracked() {
            self.read_newer();
        }
    }

    /// Tells the engine what was on the screen of somebody who was there.
    fn mark_read(self) {
        if self.is_gone() {
            return;
        }
        let read = self.at_end.get_untracked() && browser::is_attended();
        let newest = self.rows.with_untracked(|rows| {
            rows.iter()
                .rev()
                .find(|row| row.mark == Mark::Received)
                .map(|row| row.seq)
        });
        if let (true, Some(seq)) = (read, newest)
            && seq > self.marked.get_untracked()
        {
            self.marked.set(seq);
            bridge::tell(Ask::MarkRead {
                chat: self.chat,
                seq,
            });
        }
    }

    fn hear(self, told: &Told) {
        if self.is_gone() {
            return;
        }
        match told {
            Told::News(News::Message { chat, received, .. }) if *chat == self.chat => {
                if *received && !(self.at_end.get_untracked() && browser::is_attended()) {
                    self.unseen.update(|unseen| *unseen += 1);
                    let before = self
                        .rows
                        .with_untracked(|rows| rows.last().map_or(0, |row| row.seq));
                    if !browser::is_attended() && self.unread_after.get_untracked().is_none() {
                        self.unread_after.set(Some(before));
                    }
                }
                if self.busy.get_untracked() {
                    self.unseen.update(|unseen| *unseen = (*unseen).max(1));
                } else if !self.newer.get_untracked() {
                    self.read_newer();
                }
            }
            Told::News(News::Mark { chat, seq, mark }) if *chat == self.chat => {
                self.rows.update(|rows| {
                    if let Some(row) = rows.iter_mut().find(|row| row.seq == *seq) {
                        row.mark = *mark;
                    }
                });
            }
            // A part of a history may have come, which stands before what is here.
            Told::News(News::Devices) => self.read_what_came_before(),
            Told::Anew => {
                let last = self
                    .rows
                    .with_untracked(|rows| rows.last().map(|row| row.seq));
                match (self.at_end.get_untracked(), last) {
                    (false, Some(seq)) => spawn_local(async move {
                        self.read(Stretch::Around(seq), Place::Message(seq)).await;
                    }),
                    _ => self.read_newest(),
                }
            }
            Told::News(_) | Told::Unusable(_) => {}
        }
    }
}

/// Where the eye is placed when the window is read anew.
#[derive(Clone, Copy)]
enum Place {
    End,
    Unread,
    Message(u64),
}

/// Once the document shows what the signals say, and before it is painted.
fn after_drawing(then: impl FnOnce() + 'static) {
    request_animation_frame(then);
}

#[allow(clippy::cast_possible_truncation)]
fn rounded(pixels: f64) -> i32 {
    pixels.round() as i32
}

//! The place to write. What is typed is kept as it is typed, and leaves the field only for the outbox.

use std::time::Duration;

use leptos::{ev, html, leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use undertone_web_messages::{Answer, Ask, ChatKey, Mark, Message, MessageKey};

use super::{emoji::EmojiButton, icon::Icon, log_window::Log, refusal};
use crate::{
    bridge, browser, mention,
    state::Page,
    words::{tr, tr_with},
};

/// How long the page waits before it says that somebody has stopped writing.
const WRITING: Duration = Duration::from_secs(4);
/// Bytes that are left when the field begins to say so.
const NEARLY_FULL: usize = 2_000;
/// Members that are offered for a mention, at most.
const OFFERED: usize = 6;
/// Bytes of a text at most, as the protocol has it.
const MOST: usize = 16 * 1024;

/// Keeps what is typed, one write at a time, the newest always.
#[derive(Clone, Copy)]
struct Draft {
    chat: ChatKey,
    text: RwSignal<String>,
    saving: StoredValue<bool>,
    saved: StoredValue<String>,
}

impl Draft {
    /// What was sent is a draft no more: the Worker sees to that.
    fn went(self, sent: &str) {
        let _ = self.saved.try_update_value(|saved| {
            if saved == sent {
                saved.clear();
            }
        });
    }

    fn save(self) {
        // When the chat was left meanwhile, nothing newer was typed, and nothing is left to do.
        let (Some(false), Some(text)) =
            (self.saving.try_get_value(), self.text.try_get_untracked())
        else {
            return;
        };
        if self.saved.try_with_value(|saved| *saved == text) != Some(false) {
            return;
        }
        self.saving.set_value(true);
        spawn_local(async move {
            bridge::ask(Ask::SaveDraft {
                chat: self.chat,
                text: text.clone(),
            })
            .await;
            let _ = self.saving.try_set_value(false);
            let _ = self.saved.try_set_value(text);
            self.save();
        });
    }
}

/// The field and its buttons.
#[component]
pub fn Composer(chat: ChatKey, log: Log) -> impl IntoView {
    let page = Page::here();
    let field = NodeRef::<html::Textarea>::new();
    let text = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let draft = Draft {
        chat,
        text,
        saving: StoredValue::new(false),
        saved: StoredValue::new(String::new()),
    };
    let stopped = StoredValue::new(None::<TimeoutHandle>);
    let writes = move |active: bool| bridge::tell(Ask::Typing { chat, active });

    spawn_local(async move {
        if let Answer::Draft(kept) = bridge::ask(Ask::Draft { chat }).await
            && text.try_with_untracked(String::is_empty) == Some(true)
            && !kept.is_empty()
        {
            draft.saved.set_value(kept.clone());
            text.set(kept);
        }
    });
    Effect::new(move |_| {
        if let Some(field) = field.get()
            && !browser::is_touch()
        {
            let _ = field.focus();
        }
    });

    // In a group: who may be meant by what stands behind the last `@`.
    let closed = RwSignal::new(false);
    let chosen = RwSignal::new(0_usize);
    let offered = Memo::new(move |_| {
        let text = text.read();
        match mention::begun(&text) {
            Some(typed) if !closed.get() => members(page, chat, typed),
            _ => Vec::new(),
        }
    });

    let typed = move |value: String| {
        text.set(value);
        closed.set(false);
        chosen.set(0);
        error.set(None);
        draft.save();
        let was_writing = stopped.with_value(Option::is_some);
        let empty = text.with_untracked(|text| text.trim().is_empty());
        if let Some(handle) = stopped.try_update_value(Option::take).flatten() {
            handle.clear();
        }
        if empty {
            if was_writing {
                writes(false);
            }
            return;
        }
        if !was_writing {
            writes(true);
        }
        let handle = set_timeout_with_handle(
            move || {
                if stopped.try_set_value(None).is_none() {
                    writes(false);
                }
            },
            WRITING,
        );
        stopped.set_value(handle.ok());
    };

    let send = move || {
        let written = text.get_untracked();
        if written.trim().is_empty() {
            return;
        }
        if written.len() > MOST {
            error.set(Some(tr_with("refusal-too-long", [("most", MOST.into())])));
            return;
        }
        let Some(id) = browser::random().map(MessageKey) else {
            error.set(Some(tr("refusal-store")));
            return;
        };
        text.set(String::new());
        if let Some(handle) = stopped.try_update_value(Option::take).flatten() {
            handle.clear();
        }
        log.writes(being_written(id, written.clone()));
        spawn_local(async move {
            let answer = bridge::ask(Ask::Send {
                chat,
                id,
                text: written.clone(),
            })
            .await;
            match answer {
                Answer::Refused(why) => {
                    log.wrote(id, false);
                    // What was written goes back to where it was written.
                    let _ = text.try_update(|text| {
                        if text.is_empty() {
                            *text = written;
                        } else {
                            *text = format!("{written}\n{text}");
                        }
                    });
                    let _ = error.try_set(Some(refusal::sentence(&why)));
                }
                _ => {
                    log.wrote(id, true);
                    draft.went(&written);
                }
            }
            // Only now may the draft go: until here it was the only durable copy.
            draft.save();
        });
        if let Some(field) = field.get_untracked() {
            let _ = field.focus();
        }
    };

    let mention = move |at: usize| {
        if let Some(name) = offered.get_untracked().get(at) {
            typed(mention::completed(&text.get_untracked(), name));
        }
        if let Some(field) = field.get_untracked() {
            let _ = field.focus();
        }
    };
    let pressed = move |event: ev::KeyboardEvent| {
        let count = offered.read_untracked().len();
        if count > 0 && !event.is_composing() {
            let at = chosen.get_untracked();
            match event.key().as_str() {
                "ArrowDown" => chosen.set((at + 1) % count),
                "ArrowUp" => chosen.set((at + count - 1) % count),
                "Enter" | "Tab" if !event.shift_key() => mention(at),
                "Escape" => {
                    closed.set(true);
                    event.stop_propagation();
                }
                _ => return,
            }
            event.prevent_default();
            return;
        }
        let sends = event.key() == "Enter"
            && !event.shift_key()
            && !event.alt_key()
            && !event.is_composing()
            && !browser::is_touch();
        if sends {
            event.prevent_default();
            send();
        }
    };
    let insert = Callback::new(move |emoji: String| {
        let Some(field) = field.get_untracked() else {
            return;
        };
        let _ = field.set_range_text(&emoji);
        let end = field.selection_end().ok().flatten().unwrap_or_default();
        let after =
            end.max(field.selection_start().ok().flatten().unwrap_or_default() + utf16_len(&emoji));
        let _ = field.set_selection_range(after, after);
        typed(field.value());
        let _ = field.focus();
    });
    let left = move || {
        let length = text.with(String::len);
        (length + NEARLY_FULL > MOST).then(|| {
            if length > MOST {
                tr_with("composer-over", [("count", (length - MOST).into())])
            } else {
                tr_with("composer-left", [("count", (MOST - length).into())])
            }
        })
    };
    on_cleanup(move || {
        if page.route.try_get_untracked().is_some()
            && text.try_with_untracked(String::is_empty) == Some(false)
        {
            writes(false);
        }
    });
    view! {
        <form class="composer" on:submit=move |event: ev::SubmitEvent| { event.prevent_default(); send(); }>
            <p class="composer-note" role="alert">{move || error.get().or_else(left)}</p>
            <Show when=move || !offered.read().is_empty()>
                <ul id="mentions" class="found mentions" role="listbox" aria-label=tr("mentions")>
                    {move || offered.get().into_iter().enumerate().map(|(at, name)| view! {
                        <li
                            id=format!("mention-{at}")
                            role="option"
                            aria-selected=move || (chosen.get() == at).to_string()
                            on:mousedown=move |event| event.prevent_default()
                            on:click=move |_| mention(at)
                        ><bdi>{name}</bdi></li>
                    }).collect_view()}
                </ul>
            </Show>
            <div class="composer-row">
                <EmojiButton on_choose=insert />
                <div class="grow" data-value=move || format!("{}\u{200b}", text.get())>
                    <textarea
                        node_ref=field
                        rows="1"
                        aria-label=tr("message")
                        placeholder=tr("message-placeholder")
                        dir="auto"
                        autocomplete="off"
                        aria-autocomplete="list"
                        aria-controls=move || (!offered.read().is_empty()).then_some("mentions")
                        aria-activedescendant=move || (!offered.read().is_empty()).then(|| format!("mention-{}", chosen.get()))
                        prop:value=move || text.get()
                        on:input=move |event| typed(event_target_value(&event))
                        on:keydown=pressed
                    ></textarea>
                </div>
                <button class="send" type="submit" aria-label=tr("send") title=tr("send") disabled=move || text.with(|text| text.trim().is_empty())>
                    <Icon name="send" />
                </button>
            </div>
        </form>
    }
}

/// The names in a group that can be meant by what was typed of them.
fn members(page: Page, chat: ChatKey, typed: &str) -> Vec<String> {
    let Some(group) = page.group(chat) else {
        return Vec::new();
    };
    let to_all = |(what, everybody): &(String, bool)| what == "mention-all" && *everybody;
    let all = (group.admin || group.rules.iter().any(to_all)).then(|| "all".to_owned());
    let others = group.members.into_iter().filter(|member| !member.me);
    let names = others
        .map(|member| member.name)
        .filter(|name| !name.is_empty());
    names
        .chain(all)
        .filter(|name| mention::fits(name, typed))
        .take(OFFERED)
        .collect()
}

fn utf16_len(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or_default()
}

/// A message that is being written: it stands at the end until the engine has it.
fn being_written(id: MessageKey, text: String) -> Message {
    let at = browser::now();
    Message {
        // Beyond every number that a store gives, in the order of writing.
        seq: (u64::MAX >> 1) + at,
        id,
        text: Some(text),
        sent_at: at,
        mark: Mark::Queued,
        from: None,
        change: None,
        mentions: Vec::new(),
    }
}

//! The place to write. What is typed is kept as it is typed, and leaves the field only for the outbox.

use leptos::{ev, html, leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use undertone_web_messages::{Answer, Ask, ChatKey, MessageKey};

use super::{
    emoji::EmojiButton,
    icon::Icon,
    message_log::{Log, WRITING, being_written},
    refusal,
};
use crate::{
    bridge, browser,
    state::Page,
    words::{tr, tr_with},
};

/// Bytes that are left when the field begins to say so.
const NEARLY_FULL: usize = 2_000;
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

    let typed = move |value: String| {
        text.set(value);
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
                _ => log.wrote(id, true),
            }
            // Only now may the draft go: until here it was the only durable copy.
            draft.save();
        });
        if let Some(field) = field.get_untracked() {
            let _ = field.focus();
        }
    };

    let pressed = move |event: ev::KeyboardEvent| {
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

fn utf16_len(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or_default()
}

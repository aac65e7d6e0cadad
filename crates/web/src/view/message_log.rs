//! The messages of a conversation.

use leptos::{ev, prelude::*};
use undertone_web_messages::ChatKind;

use super::{
    bubble::BubbleRow, change::Changes, first_steps::FirstSteps, icon::Icon, log_window::Log,
    person::chat_name,
};
use crate::{
    arrange::{Item, arrange},
    times,
    words::{tr, tr_with},
};

/// The log.
#[component]
pub fn MessageLog(log: Log) -> impl IntoView {
    let page = log.page;
    let items = Memo::new(move |_| {
        let mut messages = log.rows.get();
        messages.extend(log.writing.get());
        arrange(&messages, times::day, log.unread_after.get())
    });
    let entry = Memo::new(move |_| page.chat(log.chat));
    let name = Memo::new(move |_| {
        entry
            .get()
            .map(|entry| chat_name(&entry))
            .unwrap_or_default()
    });
    let kind = Memo::new(move |_| entry.get().map(|entry| entry.kind));
    let typing = move || page.is_typing(log.chat);
    let beginning = move || log.ready.get() && !log.older.get();
    let resized = use_resize(log);
    view! {
        <div class="log-frame">
            <div
                class="log"
                role="log"
                aria-label=tr("messages")
                aria-busy=move || (!log.ready.get() || log.busy.get()).to_string()
                tabindex="0"
                node_ref=log.node
                on:scroll=move |_| log.look()
                on:toggle=move |_| resized()
            >
                <div class="log-column">
                    <Show when=beginning>
                        {move || match kind.get() {
                            Some(ChatKind::Notes) => view! { <FirstSteps /> }.into_any(),
                            Some(ChatKind::Group) => view! { <Beginning words=tr("beginning-group") /> }.into_any(),
                            _ => {
                                let name = entry.get().map(|entry| entry.name).unwrap_or_default();
                                let words = if name.is_empty() {
                                    tr("beginning-unnamed")
                                } else {
                                    tr_with("beginning", [("name", name.into())])
                                };
                                view! { <Beginning words /> }.into_any()
                            }
                        }}
                    </Show>
                    <ol class="messages" role="list">
                        <For each=move || items.get() key=Item::key let(item)>
                            {match item {
                                Item::Day(at) => view! { <li class="day"><span>{times::day_name(at)}</span></li> }.into_any(),
                                Item::Unread => view! { <li class="unread-line"><span>{tr("unread-line")}</span></li> }.into_any(),
                                Item::Changes(run) => view! { <Changes run /> }.into_any(),
                                Item::Bubble(bubble) => view! { <BubbleRow bubble=*bubble name=name.get_untracked() found=log.found /> }.into_any(),
                            }}
                        </For>
                    </ol>
                    <Show when=typing>
                        <p class="typing">{move || match kind.get() {
                            Some(ChatKind::Group) => tr("typing-group"),
                            _ => tr_with("typing", [("name", name.get().into())]),
                        }}</p>
                    </Show>
                </div>
            </div>
            <Show when=move || !log.at_end.get()>
                <button
                    class="to-newest"
                    on:click=move |_| if log.newer.get_untracked() { log.read_newest() } else { log.scroll_to_end() }
                >
                    <Icon name="down" />
                    <span class="hidden-text">{tr("to-newest")}</span>
                    {move || (log.unseen.get() > 0).then(|| view! { <span class="unread">{log.unseen.get()}</span> })}
                </button>
            </Show>
        </div>
    }
}

/// Keeps the end in view when the place for the log becomes smaller, as for a keyboard on the screen.
fn use_resize(log: Log) -> impl Fn() + Copy {
    let follow = move || {
        if log.at_end.get_untracked() {
            log.scroll_to_end();
        }
    };
    let listener = window_event_listener(ev::resize, move |_| follow());
    on_cleanup(move || listener.remove());
    follow
}

/// Where a conversation with somebody begins.
#[component]
fn Beginning(words: String) -> impl IntoView {
    view! {
        <div class="beginning">
            <Icon name="lock" />
            <p>{words}</p>
        </div>
    }
}

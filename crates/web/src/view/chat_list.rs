//! The list: strangers who ask first, then chats, those that changed last first.

use leptos::prelude::*;
use undertone_web_messages::{ChatEntry, ChatKey, ChatState, Mark, RequestEntry};

use super::{
    icon::Icon,
    message_log::MarkIcon,
    person::{ChatAvatar, chat_name},
    to::To,
};
use crate::{
    route::Route,
    state::Page,
    times,
    words::{tr, tr_with},
};

/// The list.
#[component]
pub fn ChatList() -> impl IntoView {
    let page = Page::here();
    let requests = Memo::new(move |_| {
        page.overview.with(|overview| {
            overview
                .as_ref()
                .map(|overview| overview.requests.clone())
                .unwrap_or_default()
        })
    });
    let chats = Memo::new(move |_| {
        page.overview.with(|overview| {
            overview
                .iter()
                .flat_map(|overview| &overview.chats)
                .map(|entry| entry.chat)
                .collect::<Vec<_>>()
        })
    });
    let alone = move || requests.read().is_empty() && chats.read().len() <= 1;
    view! {
        <ul class="chats" aria-label=tr("chats") role="list">
            <For each=move || requests.get() key=|entry| entry.request let(entry)>
                <RequestRow entry />
            </For>
            <For each=move || chats.get() key=|chat| *chat let(chat)>
                <ChatRow chat />
            </For>
        </ul>
        <Show when=alone>
            <div class="list-hint">
                <p>{tr("list-alone")}</p>
                <To route=Route::New class="text-button">{tr("list-alone-action")}</To>
            </div>
        </Show>
    }
}

#[component]
fn RequestRow(entry: RequestEntry) -> impl IntoView {
    let page = Page::here();
    let request = entry.request;
    let current = Signal::derive(move || page.route.get() == Route::Request(request));
    view! {
        <li>
            <To route=Route::Request(request) class="chat-row" current>
                <span class="avatar asking" aria-hidden="true"><Icon name="request" /></span>
                <span class="chat-name">{tr("request-row")}</span>
                <span class="chat-time">{times::short(entry.received_at)}</span>
                <span class="chat-preview">{tr("request-row-preview")}</span>
            </To>
        </li>
    }
}

#[component]
fn ChatRow(chat: ChatKey) -> impl IntoView {
    let page = Page::here();
    let entry = Memo::new(move |_| page.chat(chat));
    let current = Signal::derive(move || page.route.get().chat() == Some(chat));
    let typing = Memo::new(move |_| page.is_typing(chat));
    view! {
        <li>
            <To route=Route::Chat(chat) class="chat-row" current>
                {move || entry.get().map(|entry| view! { <Row entry typing=typing.get() /> })}
            </To>
        </li>
    }
}

#[component]
fn Row(entry: ChatEntry, typing: bool) -> impl IntoView {
    let name = chat_name(&entry);
    let time = times::last_of(&entry);
    let unread = entry.unread;
    let failed = entry
        .last
        .as_ref()
        .is_some_and(|last| last.mark == Mark::Failed);
    let own = entry
        .last
        .as_ref()
        .map(|last| last.mark)
        .filter(|mark| *mark != Mark::Received);
    let notes = entry.kind == undertone_web_messages::ChatKind::Notes;
    let (preview, tone) = preview(&entry, typing);
    view! {
        <ChatAvatar chat=entry.clone() />
        <span class="chat-name">
            <bdi>{name}</bdi>
            {entry.verified.then(|| view! {
                <span class="verified-mark" title=tr("verified")><Icon name="verified" /><span class="hidden-text">{tr("verified")}</span></span>
            })}
        </span>
        <span class="chat-time">{time}</span>
        <span class=format!("chat-preview {tone}") class:failed=failed>
            {own.filter(|_| tone.is_empty() && !notes).map(|mark| view! { <MarkIcon mark /> })}
            <bdi>{preview}</bdi>
        </span>
        {(unread > 0).then(|| view! {
            <span class="unread">
                <span aria-hidden="true">{if unread > 99 { "99+".to_owned() } else { unread.to_string() }}</span>
                <span class="hidden-text">{tr_with("unread-count", [("count", unread.into())])}</span>
            </span>
        })}
    }
}

/// The second line, and how it is set apart.
fn preview(entry: &ChatEntry, typing: bool) -> (String, &'static str) {
    match (entry.state, typing, entry.draft.is_empty(), &entry.last) {
        (ChatState::Blocked, ..) => (tr("preview-blocked"), "quiet"),
        (ChatState::Failed, ..) => (tr("preview-failed"), "alert"),
        (_, true, ..) => (tr("preview-typing"), "busy"),
        (_, _, false, _) => (
            tr_with("preview-draft", [("text", entry.draft.as_str().into())]),
            "draft",
        ),
        (_, _, _, Some(last)) => (last.text.clone(), ""),
        (ChatState::Adding, _, _, None) => (tr("preview-adding"), "quiet"),
        (_, _, _, None) if entry.kind == undertone_web_messages::ChatKind::Notes => {
            (tr("preview-notes"), "quiet")
        }
        _ => (tr("preview-empty"), "quiet"),
    }
}

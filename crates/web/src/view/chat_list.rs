//! The list: strangers who ask and invitations first, then chats, those that changed last first.

use leptos::prelude::*;
use undertone_web_messages::{ChatEntry, ChatKey, ChatState, InvitationEntry, Mark, RequestEntry};

use super::{
    bubble::MarkIcon,
    change,
    icon::Icon,
    person::{ChatAvatar, chat_name, member_name},
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
    let invitations = Memo::new(move |_| {
        page.overview.with(|overview| {
            overview
                .as_ref()
                .map(|overview| overview.invitations.clone())
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
    let alone = move || {
        requests.read().is_empty() && invitations.read().is_empty() && chats.read().len() <= 1
    };
    view! {
        <ul class="chats" aria-label=tr("chats") role="list">
            <For each=move || requests.get() key=|entry| entry.request let(entry)>
                <RequestRow entry />
            </For>
            <For each=move || invitations.get() key=|entry| entry.id let(entry)>
                <InvitationRow entry />
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
    view! {
        <Asking
            route=Route::Request(entry.request)
            icon="request"
            name=tr("request-row")
            preview=tr("request-row-preview")
            at=entry.received_at
        />
    }
}

#[component]
fn InvitationRow(entry: InvitationEntry) -> impl IntoView {
    let from = member_name(&entry.from);
    view! {
        <Asking
            route=Route::Invitation(entry.id)
            icon="group"
            name=tr("invitation-row")
            preview=tr_with("invitation-row-preview", [("name", from.into()), ("count", entry.people.into())])
            at=entry.received_at
        />
    }
}

/// Something that waits for an answer.
#[component]
fn Asking(
    route: Route,
    icon: &'static str,
    name: String,
    preview: String,
    at: u64,
) -> impl IntoView {
    let page = Page::here();
    let current = Signal::derive(move || page.route.get() == route);
    view! {
        <li>
            <To route class="chat-row" current>
                <span class="avatar asking" aria-hidden="true"><Icon name=icon /></span>
                <span class="chat-name">{name}</span>
                <span class="chat-time">{times::short(at)}</span>
                <span class="chat-preview"><bdi>{preview}</bdi></span>
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
        .filter(|last| last.change.is_none() && last.mark != Mark::Received)
        .map(|last| last.mark);
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
        (ChatState::Failed, ..) if entry.kind == undertone_web_messages::ChatKind::Group => {
            (tr("preview-broken"), "alert")
        }
        (ChatState::Failed, ..) => (tr("preview-failed"), "alert"),
        (_, true, ..) => (tr("preview-typing"), "busy"),
        (_, _, false, _) => (
            tr_with("preview-draft", [("text", entry.draft.as_str().into())]),
            "draft",
        ),
        (_, _, _, Some(last)) => match &last.change {
            Some(what) => (change::sentence(what), "quiet"),
            None if last.from.is_empty() => (last.text.clone(), ""),
            None => (
                tr_with(
                    "preview-from",
                    [
                        ("name", last.from.as_str().into()),
                        ("text", last.text.as_str().into()),
                    ],
                ),
                "",
            ),
        },
        (ChatState::Adding, _, _, None) => (tr("preview-adding"), "quiet"),
        (_, _, _, None) if entry.kind == undertone_web_messages::ChatKind::Notes => {
            (tr("preview-notes"), "quiet")
        }
        _ => (tr("preview-empty"), "quiet"),
    }
}

//! A conversation: its head, its messages, and the place to write.

use leptos::{prelude::*, task::spawn_local};
use undertone_web_messages::{ChatEntry, ChatKey, ChatKind, ChatState, GroupChange, PersonKey};

use super::{
    composer::Composer,
    empty::Gone,
    group,
    icon::Icon,
    log_window::Log,
    message_log::MessageLog,
    person::{ChatAvatar, chat_name},
    refusal,
    to::{Back, To},
};
use crate::{
    route::Route,
    state::Page,
    words::{tr, tr_with},
};

/// The conversation.
#[component]
pub fn Conversation(chat: ChatKey) -> impl IntoView {
    let page = Page::here();
    let there = Memo::new(move |_| page.chat(chat).is_some());
    let log = Log::open(page, chat);
    view! {
        <Show when=move || there.get() fallback=|| view! { <Gone /> }>
            <section class="conversation" aria-label=move || page.chat(chat).map(|entry| chat_name(&entry))>
                <Head chat />
                <MessageLog log />
                <Foot chat log />
            </section>
        </Show>
    }
}

#[component]
fn Head(chat: ChatKey) -> impl IntoView {
    let page = Page::here();
    let entry = Memo::new(move |_| page.chat(chat));
    let open = Signal::derive(move || matches!(page.route.get(), Route::Details(_)));
    let people = Memo::new(move |_| page.group(chat).map(|group| group::people(&group)));
    let typing = move || page.is_typing(chat);
    view! {
        <div class="bar conversation-head">
            <Back />
            {move || entry.get().map(|entry| {
                let people = people.get().filter(|_| entry.state == ChatState::Active && !entry.waits);
                let count = |text, count: usize| tr_with(text, [("count", count.into())]);
                let under = people.map_or_else(|| subtitle(&entry), |people| count("head-group", people));
                let short = people.map(|people| count("head-group-short", people));
                let has_short = short.is_some();
                let name = chat_name(&entry);
                view! {
                    <ChatAvatar chat=entry.clone() />
                    <div class="head-names">
                        <h1>
                            <bdi>{name}</bdi>
                            {entry.verified.then(|| view! {
                                <span class="verified-mark" title=tr("verified")><Icon name="verified" /><span class="hidden-text">{tr("verified")}</span></span>
                            })}
                        </h1>
                        <p class="head-under" class:has-short=has_short>
                            {move || if typing() {
                                view! { <span>{tr("preview-typing")}</span> }.into_any()
                            } else {
                                let short = short.clone().map(|short| view! { <span class="short">{short}</span> });
                                view! { <span class="long">{under.clone()}</span>{short} }.into_any()
                            }}
                        </p>
                    </div>
                }
            })}
            {move || {
                let (route, label) = if open.get() {
                    (Route::Chat(chat), tr("details-close"))
                } else {
                    (Route::Details(chat), tr("details-open"))
                };
                view! {
                    <To route class="icon-button" label=label current=open><Icon name="details" /></To>
                }
            }}
        </div>
    }
}

fn subtitle(entry: &ChatEntry) -> String {
    match (entry.kind, entry.state) {
        (ChatKind::Notes, _) => tr("head-notes"),
        (_, ChatState::Adding) => tr("head-adding"),
        (ChatKind::Group, ChatState::Failed) => tr("head-broken"),
        (_, ChatState::Failed) => tr("head-failed"),
        (_, ChatState::Blocked) => tr("head-blocked"),
        (_, ChatState::Active) if entry.waits => tr("head-joining"),
        (_, ChatState::Active) => tr("head-active"),
        (_, ChatState::Left) => tr("head-left"),
        (_, ChatState::Removed) => tr("head-removed"),
        (_, ChatState::Dissolved) => tr("head-dissolved"),
    }
}

/// Changes a group, or says why not.
fn change(page: Page, chat: ChatKey, change: GroupChange) {
    spawn_local(async move {
        if let Err(why) = page.change_group(chat, change).await {
            page.say(refusal::sentence(&why));
        }
    });
}

/// Why nothing can be written.
#[derive(Clone, PartialEq)]
enum Obstacle {
    Blocked(Option<PersonKey>),
    Failed(String),
    /// A group that somebody broke.
    Broken,
    /// A group in which one cannot write; a sentence.
    Group(&'static str),
}

/// The place to write, or the reason why there is none.
#[component]
fn Foot(chat: ChatKey, log: Log) -> impl IntoView {
    let page = Page::here();
    // What is typed must outlive whatever changes in the chat but this.
    let obstacle = Memo::new(move |_| {
        let entry = page.chat(chat)?;
        match entry.state {
            ChatState::Blocked => Some(Obstacle::Blocked(entry.person)),
            ChatState::Failed if entry.kind == ChatKind::Group => Some(Obstacle::Broken),
            ChatState::Failed => Some(Obstacle::Failed(entry.reason)),
            ChatState::Left => Some(Obstacle::Group("foot-left")),
            ChatState::Removed => Some(Obstacle::Group("foot-removed")),
            ChatState::Dissolved => Some(Obstacle::Group("foot-dissolved")),
            ChatState::Adding | ChatState::Active => page
                .group(chat)
                .filter(|group| !group.may_send && group.state == ChatState::Active)
                // The rules are not known before this device is in it.
                .filter(|_| !entry.waits)
                .map(|_| Obstacle::Group("foot-admins-only")),
        }
    });
    move || {
        match obstacle.get() {
        Some(Obstacle::Blocked(person)) => view! {
            <div class="foot-note">
                <p>{tr("foot-blocked")}</p>
                {person.map(|person| view! { <super::block_contact::Unblock person /> })}
            </div>
        }
        .into_any(),
        Some(Obstacle::Failed(reason)) => view! {
            <div class="foot-note alert" role="alert">
                <p>{tr_with("foot-failed", [("reason", reason.into())])}</p>
                <To route=Route::New class="button quiet">{tr("foot-failed-action")}</To>
            </div>
        }
        .into_any(),
        Some(Obstacle::Broken) => view! {
            <div class="foot-note alert" role="alert">
                <p>{tr("foot-broken")}</p>
                <div class="row-buttons">
                    <button class="button quiet" on:click=move |_| change(page, chat, GroupChange::Renew)>{tr("group-renew")}</button>
                    <button class="text-button" on:click=move |_| change(page, chat, GroupChange::Leave)>{tr("group-leave")}</button>
                </div>
            </div>
        }
        .into_any(),
        Some(Obstacle::Group(why)) => {
            view! { <div class="foot-note"><p>{tr(why)}</p></div> }.into_any()
        }
        None => view! {
            <p class="waits" role="status">{move || page.waits_for_place(chat).then(|| tr("foot-joining"))}</p>
            <Composer chat log />
        }.into_any(),
    }
    }
}

//! What there is to know of a conversation: who it is, whether that is sure, how it is protected.

use leptos::prelude::*;
use undertone_web_messages::{ChatEntry, ChatKey, ChatKind, ChatState};

use super::{
    block_contact::{Block, Unblock},
    encrypted::Encrypted,
    group::GroupDetails,
    icon::Icon,
    person::{ChatAvatar, chat_name},
    to::To,
};
use crate::{route::Route, state::Page, words::tr};

/// The column beside the conversation, or the page in its place, if it `fills` that.
#[component]
pub fn Details(chat: ChatKey, fills: ReadSignal<bool>) -> impl IntoView {
    let page = Page::here();
    let kind = Memo::new(move |_| page.chat(chat).map(|entry| entry.kind));
    // What is said does not change what is known here.
    let entry = Memo::new(move |_| {
        page.chat(chat).map(|entry| ChatEntry {
            unread: 0,
            read_up_to: 0,
            last: None,
            draft: String::new(),
            last_at: 0,
            ..entry
        })
    });
    view! {
        <section class="details" aria-label=tr("details") role=move || if fills.get() { "main" } else { "complementary" }>
            <div class="bar">
                <h1>{tr("details")}</h1>
                <To route=Route::Chat(chat) class="icon-button" label=tr("details-close")><Icon name="close" /></To>
            </div>
            {move || match kind.get() {
                Some(ChatKind::Group) => view! { <GroupDetails chat /> }.into_any(),
                _ => (move || entry.get().map(|entry| view! { <Known entry /> })).into_any(),
            }}
        </section>
    }
}

#[component]
fn Known(entry: ChatEntry) -> impl IntoView {
    let name = chat_name(&entry);
    let chat = entry.chat;
    let notes = entry.kind == ChatKind::Notes;
    let person = entry.person;
    let verified = entry.verified;
    let blocked = entry.state == ChatState::Blocked;
    view! {
        <div class="details-body">
            <div class="portrait">
                <ChatAvatar chat=entry.clone() large=true />
                <p class="portrait-name"><bdi>{name.clone()}</bdi></p>
            </div>
            {person.filter(|_| !notes).map(|person| view! {
                <section>
                    <h2>{tr("safety-number")}</h2>
                    <p>
                        {verified.then(|| view! { <span class="verified-mark"><Icon name="verified" /></span> })}
                        {if verified { tr("safety-is-verified") } else { tr("safety-is-not-verified") }}
                    </p>
                    <To route=Route::Safety(person) class="button quiet wide">{tr("safety-open")}</To>
                    <details class="why">
                        <summary>{tr("why")}</summary>
                        <p>{tr("safety-why")}</p>
                    </details>
                </section>
            })}
            <section>
                <h2>{tr("encryption")}</h2>
                <p>{if notes { tr("encryption-notes") } else { tr("encryption-body") }}</p>
                {(!notes).then(|| view! { <Encrypted chat /> })}
                <details class="why">
                    <summary>{tr("encryption-terms")}</summary>
                    <p>{tr("encryption-terms-body")}</p>
                </details>
            </section>
            {person.filter(|_| !notes).map(|person| view! {
                <section>
                    <h2>{tr("block-heading")}</h2>
                    <p>{if blocked { tr("block-is") } else { tr("block-about") }}</p>
                    {if blocked {
                        view! { <Unblock person /> }.into_any()
                    } else {
                        view! { <Block person name /> }.into_any()
                    }}
                </section>
            })}
        </div>
    }
}

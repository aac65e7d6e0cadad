//! How a person or a chat is named and pictured while there are no pictures.

use leptos::prelude::*;
use undertone_web_messages::{ChatEntry, ChatKind, ChatState, PersonKey};

use super::icon::Icon;
use crate::words::tr;

/// Colours that a letter may stand on, and that a name may have.
const HUES: u8 = 8;

/// The class of a name in its owner's colour.
pub fn ink(person: PersonKey) -> String {
    let seed = person.0.first().copied().unwrap_or_default();
    format!("by ink-{}", seed % HUES)
}

/// The name of somebody in a group, or a word in its place.
pub fn member_name(name: &str) -> String {
    if name.is_empty() {
        tr("member-unnamed")
    } else {
        name.to_owned()
    }
}

/// The name of a chat, or words in its place.
pub fn chat_name(chat: &ChatEntry) -> String {
    match (chat.kind, chat.name.is_empty(), chat.state) {
        (ChatKind::Notes, ..) => tr("chat-notes"),
        (ChatKind::Direct | ChatKind::Group, false, _) => chat.name.clone(),
        (ChatKind::Group, true, _) => tr("group-unnamed"),
        (ChatKind::Direct, true, ChatState::Adding) => tr("chat-adding"),
        (ChatKind::Direct, true, ChatState::Failed) => tr("chat-failed"),
        (ChatKind::Direct, true, _) => tr("chat-unnamed"),
    }
}

/// The first letter of a name, on a colour of their own.
#[component]
pub fn Avatar(
    name: String,
    seed: u8,
    #[prop(optional)] notes: bool,
    #[prop(optional)] large: bool,
    #[prop(optional)] group: bool,
) -> impl IntoView {
    let letter = name
        .chars()
        .find(|c| c.is_alphanumeric())
        .map(|c| c.to_uppercase().to_string());
    let class = format!(
        "avatar hue-{}{}",
        seed % HUES,
        if large { " large" } else { "" }
    ) + if group { " group" } else { "" };
    view! {
        <span class=class aria-hidden="true">
            {match (notes, letter) {
                (true, _) => view! { <Icon name="notes" /> }.into_any(),
                (false, Some(letter)) => letter.into_any(),
                (false, None) => view! { <Icon name="user" /> }.into_any(),
            }}
        </span>
    }
}

/// The picture of a chat.
#[component]
pub fn ChatAvatar(chat: ChatEntry, #[prop(optional)] large: bool) -> impl IntoView {
    let seed = chat.person.map_or_else(
        || chat.chat.0.first().copied(),
        |person| person.0.first().copied(),
    );
    view! {
        <Avatar name=chat.name.clone() seed=seed.unwrap_or_default() notes=chat.kind == ChatKind::Notes group=chat.kind == ChatKind::Group large />
    }
}

//! All that is seen.

mod block_contact;
mod bubble;
mod change;
mod chat_list;
mod composer;
mod conversation;
mod details;
mod dialog;
mod emoji;
mod empty;
mod encrypted;
mod find;
mod first_steps;
mod frame;
mod group;
mod icon;
mod joining;
mod keys;
mod link_device;
mod link_prompt;
mod link_this_device;
mod log_window;
mod message_log;
mod my_link;
mod new_chat;
mod new_group;
mod notice;
mod people;
mod person;
mod qr_code;
mod refusal;
mod request;
mod safety;
mod settings;
mod signed_out;
mod status_line;
mod to;
mod unusable;
mod welcome;

use leptos::prelude::*;

use crate::{appearance, bridge, release::Releases, state::Page};

/// Puts the page into the document.
pub fn mount() {
    // Only the place: what a panic says may hold what somebody wrote.
    std::panic::set_hook(Box::new(|panic| {
        if let Some(place) = panic.location() {
            leptos::logging::error!("a fault of the page at {}:{}", place.file(), place.line());
        }
    }));
    appearance::restore();
    bridge::start();
    mount_to_body(App);
}

/// How far the page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Loading,
    Unusable(undertone_web_messages::Unusable),
    SignedOut(u64),
    Welcome,
    Refused(undertone_web_messages::Refused),
    Ready,
}

#[component]
fn App() -> impl IntoView {
    let page = Page::begin();
    provide_context(page);
    provide_context(Releases::follow());
    keys::follow(page);
    let stage = Memo::new(
        move |_| match (page.unusable.get(), page.overview.read().as_ref()) {
            (Some(why), _) => Stage::Unusable(why),
            (None, None) => Stage::Loading,
            (None, Some(overview)) => match &overview.account {
                None => match overview.signed_out_at {
                    Some(at) if !page.begins_anew.get() => Stage::SignedOut(at),
                    _ => Stage::Welcome,
                },
                Some(account) => account.refused.map_or(Stage::Ready, Stage::Refused),
            },
        },
    );
    view! {
        {move || match stage.get() {
            Stage::Loading => view! { <empty::Loading /> }.into_any(),
            Stage::Unusable(why) => view! { <unusable::Unusable why /> }.into_any(),
            Stage::SignedOut(at) => view! { <signed_out::SignedOut at /> }.into_any(),
            Stage::Welcome => view! { <welcome::Welcome refused=None /> }.into_any(),
            Stage::Refused(why) => view! { <welcome::Welcome refused=Some(why) /> }.into_any(),
            Stage::Ready => view! { <frame::Frame /> }.into_any(),
        }}
        <notice::Notice />
    }
}

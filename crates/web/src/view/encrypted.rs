//! How a conversation is encrypted: since when, and for whose devices.

use leptos::{prelude::*, task::spawn_local};
use undertone_web_messages::{Answer, Ask, ChatKey, Encryption};

use super::person::member_name;
use crate::{
    bridge,
    state::Page,
    times,
    words::{tr, tr_with},
};

/// The sentences; nothing while nothing is encrypted in it.
#[component]
pub fn Encrypted(chat: ChatKey) -> impl IntoView {
    let page = Page::here();
    let known = RwSignal::new(None::<Encryption>);
    // Members and keys of a group change together.
    let changes = Memo::new(move |_| page.group(chat));
    Effect::new(move |_| {
        changes.track();
        spawn_local(async move {
            let there = match bridge::ask(Ask::Encryption { chat }).await {
                Answer::Encryption(there) => Some(there),
                _ => None,
            };
            let _ = known.try_set(there);
        });
    });
    move || {
        known.get().map(|known| {
            let when = times::whole(known.changed_at);
            let keys = if known.changed_at == 0 {
                tr_with("encryption-keys", [("count", known.epoch.into())])
            } else {
                tr_with(
                    "encryption-keys-when",
                    [("count", known.epoch.into()), ("when", when.into())],
                )
            };
            let people = known.people.into_iter().map(|(name, devices)| {
                let name = member_name(&name);
                view! { <li>{tr_with("encryption-person", [("name", name.into()), ("count", devices.into())])}</li> }
            });
            view! {
                <p>{keys}</p>
                <details class="why">
                    <summary>{tr("encryption-people")}</summary>
                    <ul role="list">{people.collect_view()}</ul>
                </details>
            }
        })
    }
}

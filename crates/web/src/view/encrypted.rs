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
        // A memo that nobody reads is never worked out, and says of no change.
        changes.with(|_| ());
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
            let people = known.people.into_iter().map(|reader| {
                let devices = reader.since.len() as u64;
                let name = member_name(&reader.name);
                let since = reader.since.into_iter().map(|since| {
                    let line = match since {
                        0 => tr("encryption-device-before"),
                        since => tr_with("encryption-device-since", [("when", times::whole(since).into())]),
                    };
                    view! { <li class="quiet">{line}</li> }
                });
                view! {
                    <li>
                        {tr_with("encryption-person", [("name", name.into()), ("count", devices.into())])}
                        <ul role="list">{since.collect_view()}</ul>
                    </li>
                }
            });
            let state: Vec<String> = known
                .authenticator
                .chunks(2)
                .take(8)
                .map(|pair| pair.iter().map(|byte| format!("{byte:02x}")).collect())
                .collect();
            view! {
                <p>{keys}</p>
                <details class="why">
                    <summary>{tr("encryption-people")}</summary>
                    <ul role="list" class="readers">{people.collect_view()}</ul>
                </details>
                <details class="why">
                    <summary>{tr("encryption-state")}</summary>
                    <p>{tr("encryption-state-body")}</p>
                    <p class="digits" dir="ltr">{state.join(" ")}</p>
                </details>
            }
        })
    }
}

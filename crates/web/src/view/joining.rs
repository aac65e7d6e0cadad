//! How far a device is that was just linked: conversations and messages come one after another.

use leptos::{prelude::*, task::spawn_local};
use undertone_web_messages::{
    ChatKind, ChatState, DeviceChange, MessageKey, Transfer, TransferState,
};

use super::refusal;
use crate::{
    numbers::grouped,
    state::Page,
    words::{tr, tr_with},
};

/// A quiet line, while something is still to come.
#[component]
pub fn Joining() -> impl IntoView {
    let page = Page::here();
    let chats = Memo::new(move |_| conversations(page));
    let history = Memo::new(move |_| {
        page.devices.with(|devices| {
            let coming = |one: &&Transfer| !one.giving && one.state == TransferState::UnderWay;
            devices.transfers.iter().find(coming).cloned()
        })
    });
    view! {
        <Show when=move || chats.read().is_some() || history.read().is_some()>
            <div class="status-line joining">
                {move || chats.get().map(|words| view! { <p>{words}</p> })}
                {move || history.get().map(|one| {
                    let numbers = [
                        ("done", grouped(one.messages).into()),
                        ("total", grouped(one.total).into()),
                    ];
                    view! {
                        <p>{tr_with("joining-history", numbers)}</p>
                        <button class="text-button" on:click=move |_| stop(page, one.id)>{tr("cancel")}</button>
                    }
                })}
            </div>
        </Show>
    }
}

/// How many conversations this device is in already, while it is not in all of them.
fn conversations(page: Page) -> Option<String> {
    page.overview.with(|overview| {
        let overview = overview.as_ref()?;
        if overview.outside {
            return Some(tr("joining-outside"));
        }
        let open = overview
            .chats
            .iter()
            .filter(|entry| entry.kind != ChatKind::Notes && entry.state == ChatState::Active);
        let (total, waiting) = open.fold((0_u64, 0_u64), |(total, waiting), entry| {
            (total + 1, waiting + u64::from(entry.waits))
        });
        (waiting > 0).then(|| {
            let numbers = [
                ("count", total.into()),
                ("done", grouped(total - waiting).into()),
                ("total", grouped(total).into()),
            ];
            tr_with("joining-chats", numbers)
        })
    })
}

/// Stops a history that is on its way.
pub fn stop(page: Page, id: MessageKey) {
    spawn_local(async move {
        if let Err(why) = page.change_devices(DeviceChange::Cancel(id)).await {
            page.say(refusal::sentence(&why));
        }
    });
}

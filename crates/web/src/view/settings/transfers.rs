//! The log of histories that went to another device or came from one.

use leptos::prelude::*;
use undertone_web_messages::{Transfer, TransferState};

use crate::{
    numbers::{grouped, size},
    state::Page,
    times,
    view::joining::stop,
    words::{tr, tr_with},
};

/// The log; nothing while it is empty.
#[component]
pub fn Transfers() -> impl IntoView {
    let page = Page::here();
    let log = Memo::new(move |_| page.devices.with(|devices| devices.transfers.clone()));
    move || {
        let log = log.get();
        (!log.is_empty()).then(|| {
            view! {
                <h2>{tr("transfers-title")}</h2>
                <p class="hint">{tr("transfers-about")}</p>
                <ul class="devices" role="list" aria-label=tr("transfers-title")>
                    {log.into_iter().map(|one| row(page, one)).collect_view()}
                </ul>
            }
            .into_any()
        })
    }
}

fn row(page: Page, one: Transfer) -> AnyView {
    let id = one.id;
    let name = if one.name.is_empty() {
        tr("device-unnamed")
    } else {
        one.name
    };
    let way = if one.giving {
        "transfer-to"
    } else {
        "transfer-from"
    };
    let state = match one.state {
        TransferState::UnderWay => tr("transfer-under-way"),
        TransferState::Done => tr("transfer-done"),
        TransferState::Cancelled => tr("transfer-cancelled"),
    };
    let numbers = [
        ("count", one.total.into()),
        ("done", grouped(one.messages).into()),
        ("total", grouped(one.total).into()),
        ("size", size(one.bytes).into()),
    ];
    let count = tr_with("transfer-count", numbers);
    let when = times::whole(one.begun_at);
    view! {
        <li class="device">
            <div class="device-words">
                <p class="device-name">{tr_with(way, [("name", name.into())])}</p>
                <p class="hint">{format!("{state} · {count} · {when}")}</p>
            </div>
            {(one.state == TransferState::UnderWay).then(|| view! {
                <button class="text-button" on:click=move |_| stop(page, id)>{tr("cancel")}</button>
            })}
        </li>
    }
    .into_any()
}

//! Blocking somebody, and taking that back.

use leptos::{prelude::*, task::spawn_local};
use undertone_web_messages::{Answer, Ask, PersonKey};

use super::{dialog::Dialog, refusal};
use crate::{
    bridge,
    state::Page,
    words::{tr, tr_with},
};

/// A button that asks once more.
#[component]
pub fn Block(person: PersonKey, name: String) -> impl IntoView {
    let page = Page::here();
    let asking = RwSignal::new(false);
    let title = StoredValue::new(tr_with("block-title", [("name", name.into())]));
    let block = move |_| {
        asking.set(false);
        change(page, Ask::BlockContact { person }, tr("block-done"));
    };
    view! {
        <button class="button danger-quiet wide" on:click=move |_| asking.set(true)>{tr("block")}</button>
        <Show when=move || asking.get()>
            <Dialog label=title.get_value() on_close=Callback::new(move |()| asking.set(false))>
                <h2>{title.get_value()}</h2>
                <p>{tr("block-body")}</p>
                <div class="row-buttons">
                    <button class="button danger" on:click=block>{tr("block-do")}</button>
                    <button class="button quiet" on:click=move |_| asking.set(false)>{tr("cancel")}</button>
                </div>
            </Dialog>
        </Show>
    }
}

/// Takes it back.
#[component]
pub fn Unblock(person: PersonKey) -> impl IntoView {
    let page = Page::here();
    view! {
        <button class="button quiet" on:click=move |_| change(page, Ask::UnblockContact { person }, tr("unblock-done"))>
            {tr("unblock")}
        </button>
    }
}

fn change(page: Page, ask: Ask, done: String) {
    spawn_local(async move {
        match bridge::ask(ask).await {
            Answer::Refused(why) => page.say(refusal::sentence(&why)),
            _ => page.say(done),
        }
        page.refresh();
    });
}

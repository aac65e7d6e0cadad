//! A new group: what it is called, and who is to be in it.

use std::collections::BTreeSet;

use leptos::{ev, prelude::*, task::spawn_local};
use undertone_web_messages::{Answer, Ask, ChatKey};

use super::{people::ChoosePeople, refusal, to::Back};
use crate::{bridge, browser, route::Route, state::Page, words::tr};

/// The page.
#[component]
pub fn NewGroup() -> impl IntoView {
    let page = Page::here();
    let title = RwSignal::new(String::new());
    let chosen = RwSignal::new(BTreeSet::new());
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    // However often the button is pressed here, it is one group.
    let chat = browser::random().map(ChatKey);
    let create = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(chat) = chat.filter(|_| !busy.get_untracked()) else {
            return;
        };
        if title.with_untracked(|title| title.trim().is_empty()) {
            error.set(Some(tr("group-title-missing")));
            browser::focus("input[name=title]");
            return;
        }
        busy.set(true);
        let ask = Ask::CreateGroup {
            chat,
            title: title.get_untracked(),
            members: chosen.with_untracked(|chosen| chosen.iter().copied().collect()),
        };
        spawn_local(async move {
            match bridge::ask(ask).await {
                Answer::Refused(why) => {
                    let _ = error.try_set(Some(refusal::sentence(&why)));
                    let _ = busy.try_set(false);
                }
                _ => {
                    if let Answer::Overview(overview) = bridge::ask(Ask::Overview).await {
                        page.overview.set(Some(overview));
                    }
                    page.go_instead(Route::Chat(chat));
                }
            }
        });
    };
    view! {
        <section class="sheet">
            <div class="bar"><Back /><h1>{tr("new-group")}</h1></div>
            <form class="sheet-body" on:submit=create novalidate>
                <p>{tr("new-group-lead")}</p>
                <label class="field">
                    <span>{tr("group-title")}</span>
                    <input
                        name="title"
                        autocomplete="off"
                        dir="auto"
                        prop:value=move || title.get()
                        on:input=move |event| { error.set(None); title.set(event_target_value(&event)); }
                    />
                </label>
                <p class="error" role="alert">{move || error.get()}</p>
                <ChoosePeople chosen without=Vec::new() />
                <div class="row-buttons">
                    <button class="button" type="submit" disabled=move || busy.get()>{tr("group-create")}</button>
                </div>
            </form>
        </section>
    }
}

//! One's name, as contacts see it, and how one comes into groups.

use leptos::{ev, prelude::*, task::spawn_local};
use undertone_web_messages::{Answer, Ask};

use crate::{bridge, state::Page, view::refusal, words::tr};

/// The page.
#[component]
pub fn Profile() -> impl IntoView {
    let page = Page::here();
    let name = RwSignal::new(
        page.account()
            .map(|account| account.name)
            .unwrap_or_default(),
    );
    let error = RwSignal::new(None::<String>);
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked().trim().to_owned();
        spawn_local(async move {
            match bridge::ask(Ask::SetName { name }).await {
                Answer::Refused(why) => {
                    let _ = error.try_set(Some(refusal::sentence(&why)));
                }
                _ => page.say(tr("profile-saved")),
            }
            page.refresh();
        });
    };
    view! {
        <form class="stack" on:submit=save novalidate>
            <label class="field">
                <span>{tr("welcome-name")}</span>
                <input
                    name="name"
                    maxlength="60"
                    autocomplete="nickname"
                    prop:value=move || name.get()
                    on:input=move |event| { error.set(None); name.set(event_target_value(&event)); }
                />
            </label>
            <p class="hint">{tr("profile-about")}</p>
            <p class="error" role="alert">{move || error.get()}</p>
            <button class="button" type="submit">{tr("save")}</button>
        </form>
        <AddedToGroups />
    }
}

/// Who may add the user to groups.
#[component]
fn AddedToGroups() -> impl IntoView {
    let page = Page::here();
    let now = Memo::new(move |_| {
        page.account()
            .is_some_and(|account| account.added_by_contacts)
    });
    let choose = move |allowed: bool| {
        spawn_local(async move {
            if let Answer::Refused(why) = bridge::ask(Ask::SetAddedByContacts { allowed }).await {
                page.say(refusal::sentence(&why));
            }
            page.refresh();
        });
    };
    view! {
        <fieldset class="choices">
            <legend>{tr("added-title")}</legend>
            {[(true, tr("added-at-once")), (false, tr("added-asked"))].map(|(allowed, words)| view! {
                <label class="choice">
                    <input type="radio" name="added" prop:checked=move || now.get() == allowed on:change=move |_| choose(allowed) />
                    <span>{words}</span>
                </label>
            }).collect_view()}
            <p class="hint">{tr("added-about")}</p>
        </fieldset>
    }
}

//! Linking another device from this one: its code, who it is and what it will get, how far it is.

use leptos::{ev, html, prelude::*, task::spawn_local};
use undertone_web_messages::{DeviceChange, History, LinkFailure, LinkStage};

use super::{dialog::Dialog, refusal};
use crate::{
    state::Page,
    words::{tr, tr_with},
};

/// A dialog, from the code to the end.
#[component]
pub fn LinkDevice(on_close: Callback<()>) -> impl IntoView {
    let page = Page::here();
    let stage = Memo::new(move |_| {
        page.devices.with(|devices| {
            let linking = devices.linking.as_ref().filter(|linking| !linking.new);
            linking.map(|linking| linking.stage.clone())
        })
    });
    let leave = move || {
        on_close.run(());
        page.device_code.set(None);
        spawn_local(async move {
            let _ = page.change_devices(DeviceChange::End).await;
        });
    };
    view! {
        <Dialog label=tr("link-device") on_close=Callback::new(move |()| leave())>
            <h2>{tr("link-device")}</h2>
            {move || match stage.get() {
                None => view! { <Enter /> }.into_any(),
                Some(LinkStage::Asking { name }) => view! { <Asking name leave=Callback::new(move |()| leave()) /> }.into_any(),
                Some(LinkStage::Done) => view! {
                    <p role="status">{tr("link-done")}</p>
                    <p class="hint">{tr("link-done-about")}</p>
                    <button class="button" on:click=move |_| leave()>{tr("close")}</button>
                }.into_any(),
                Some(LinkStage::Failed(why)) => view! {
                    <p class="error" role="alert">{failure(why)}</p>
                    <Enter />
                }.into_any(),
                Some(_) => view! {
                    <p role="status">{tr("link-under-way")}</p>
                    <button class="button quiet" on:click=move |_| leave()>{tr("cancel")}</button>
                }.into_any(),
            }}
        </Dialog>
    }
}

/// The field for the code.
#[component]
fn Enter() -> impl IntoView {
    let page = Page::here();
    let code = RwSignal::new(page.device_code.get_untracked().unwrap_or_default());
    let error = RwSignal::new(None::<String>);
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    let enter = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = code.get_untracked();
        spawn_local(async move {
            // What failed before is taken away first.
            let _ = page.change_devices(DeviceChange::End).await;
            if let Err(why) = page.change_devices(DeviceChange::EnterCode(typed)).await {
                let _ = error.try_set(Some(refusal::sentence(&why)));
            }
        });
    };
    view! {
        <form class="stack" on:submit=enter novalidate>
            <p>{tr("link-device-how")}</p>
            <label class="field">
                <span>{tr("link-device-code")}</span>
                <input
                    node_ref=field
                    class="code"
                    autocomplete="off"
                    autocapitalize="characters"
                    spellcheck="false"
                    maxlength="20"
                    placeholder="ABCD-EFGH-JKMN"
                    prop:value=move || code.get()
                    on:input=move |event| { error.set(None); code.set(event_target_value(&event)); }
                />
            </label>
            <p class="error" role="alert">{move || error.get()}</p>
            <button class="button" type="submit">{tr("link-device-next")}</button>
        </form>
    }
}

/// Who asks, and what they would get.
#[component]
fn Asking(name: String, leave: Callback<()>) -> impl IntoView {
    let page = Page::here();
    let history = RwSignal::new(History::All);
    let error = RwSignal::new(None::<String>);
    let approve = move |_| {
        spawn_local(async move {
            let change = DeviceChange::Approve(history.get_untracked());
            if let Err(why) = page.change_devices(change).await {
                let _ = error.try_set(Some(refusal::sentence(&why)));
            }
        });
    };
    let choices = [
        (History::All, tr("history-all")),
        (History::Month, tr("history-month")),
        (History::None, tr("history-none")),
    ];
    view! {
        <p role="status">{tr_with("link-asks", [("name", name.into())])}</p>
        <p>{tr("link-asks-about")}</p>
        <fieldset class="choices">
            <legend>{tr("history-title")}</legend>
            {choices.map(|(choice, words)| view! {
                <label class="choice">
                    <input type="radio" name="history" prop:checked=move || history.get() == choice on:change=move |_| history.set(choice) />
                    <span>{words}</span>
                </label>
            }).collect_view()}
        </fieldset>
        <p class="error" role="alert">{move || error.get()}</p>
        <div class="row-buttons">
            <button class="button" on:click=approve>{tr("link-approve")}</button>
            <button class="button quiet" on:click=move |_| leave.run(())>{tr("link-not-mine")}</button>
        </div>
    }
}

/// Why it came to nothing, and what to do.
pub fn failure(why: LinkFailure) -> String {
    match why {
        LinkFailure::NoSuchCode => tr("link-no-such-code"),
        LinkFailure::WrongCode => tr("link-wrong-code"),
        LinkFailure::Expired => tr("link-expired"),
        LinkFailure::Declined => tr("link-declined"),
        LinkFailure::TooMany => tr("link-too-many"),
        LinkFailure::Version => tr("link-version"),
    }
}

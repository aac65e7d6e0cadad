//! Linking another device from this one: its code, who it is and what it will get, how far it is.

use leptos::{ev, prelude::*, task::spawn_local};
use undertone_web_messages::{DeviceChange, History, LinkFailure, LinkStage};

use super::{dialog::Dialog, refusal};
use crate::{
    browser,
    state::Page,
    words::{tr, tr_with},
};

/// What takes the focus when the dialog shows something else.
const FIRST: &str = ".dialog .stage input, .dialog .stage button";

/// How far linking another device is.
pub fn stage(page: Page) -> Memo<Option<LinkStage>> {
    Memo::new(move |_| {
        page.devices.with(|devices| {
            let linking = devices.linking.as_ref().filter(|linking| !linking.new);
            linking.map(|linking| linking.stage.clone())
        })
    })
}

/// A dialog, from the code to the end.
#[component]
pub fn LinkDevice(on_close: Callback<()>) -> impl IntoView {
    let page = Page::here();
    let stage = stage(page);
    let leave = Callback::new(move |()| {
        on_close.run(());
        page.device_code.set(None);
        // The new device belongs to the account by now: what it still needs goes out, seen or not.
        if stage.get_untracked() == Some(LinkStage::Finishing) {
            return;
        }
        spawn_local(async move {
            let _ = page.change_devices(DeviceChange::End).await;
        });
    });
    // One line says how far it is, to ears too, while all below it changes.
    let said = move || match stage.get() {
        None | Some(LinkStage::Failed(_)) => None,
        Some(LinkStage::Asking { name }) => Some(tr_with("link-asks", [("name", name.into())])),
        Some(LinkStage::Finishing) => Some(tr("link-finishing")),
        Some(LinkStage::Done) => Some(tr("link-done")),
        Some(_) => Some(tr("link-under-way")),
    };
    Effect::new(move |_| {
        stage.track();
        request_animation_frame(|| {
            browser::focus(FIRST);
        });
    });
    view! {
        <Dialog label=tr("link-device") on_close=leave>
            <div>
                <h2>{tr("link-device")}</h2>
                <p class="lead said" role="status">{said}</p>
            </div>
            <div class="stage stack">
                {move || match stage.get() {
                    None => view! { <Enter failed=None leave /> }.into_any(),
                    Some(LinkStage::Failed(why)) => view! { <Enter failed=Some(why) leave /> }.into_any(),
                    Some(LinkStage::Asking { .. }) => view! { <Asking leave /> }.into_any(),
                    Some(LinkStage::Done) => view! {
                        <p class="hint">{tr("link-done-about")}</p>
                        <button class="button" on:click=move |_| leave.run(())>{tr("close")}</button>
                    }.into_any(),
                    Some(LinkStage::Finishing) => view! {
                        <button class="button quiet" on:click=move |_| leave.run(())>{tr("close")}</button>
                    }.into_any(),
                    Some(_) => view! {
                        <button class="button quiet" on:click=move |_| leave.run(())>{tr("cancel")}</button>
                    }.into_any(),
                }}
            </div>
        </Dialog>
    }
}

/// The field for the code, and why the one before came to nothing.
#[component]
fn Enter(failed: Option<LinkFailure>, leave: Callback<()>) -> impl IntoView {
    let page = Page::here();
    let code = RwSignal::new(page.device_code.get_untracked().unwrap_or_default());
    let error = RwSignal::new(failed.map(|why| failure(why, false)));
    let enter = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = code.get_untracked();
        spawn_local(async move {
            // What failed before is taken away first; what was opened with the address is used once.
            if failed.is_some() {
                let _ = page.change_devices(DeviceChange::End).await;
            }
            page.device_code.set(None);
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
                    class="code"
                    autocomplete="off"
                    autocapitalize="characters"
                    spellcheck="false"
                    maxlength="24"
                    aria-describedby="code-error"
                    prop:value=move || code.get()
                    on:input=move |event| { error.set(None); code.set(event_target_value(&event)); }
                />
            </label>
            <p id="code-error" class="error" role="alert">{move || error.get()}</p>
            <div class="row-buttons">
                <button class="button" type="submit">{tr("link-device-next")}</button>
                <button class="button quiet" type="button" on:click=move |_| leave.run(())>{tr("cancel")}</button>
            </div>
        </form>
    }
}

/// What the one who asks would get.
#[component]
fn Asking(leave: Callback<()>) -> impl IntoView {
    let page = Page::here();
    let history = RwSignal::new(History::All);
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let approve = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let change = DeviceChange::Approve(history.get_untracked());
            if let Err(why) = page.change_devices(change).await {
                let _ = error.try_set(Some(refusal::sentence(&why)));
                let _ = busy.try_set(false);
            }
        });
    };
    let choices = [
        (History::All, tr("history-all")),
        (History::Month, tr("history-month")),
        (History::None, tr("history-none")),
    ];
    view! {
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
            <button class="button" on:click=approve disabled=move || busy.get()>{tr("link-approve")}</button>
            <button class="button quiet" on:click=move |_| leave.run(())>{tr("link-not-mine")}</button>
        </div>
    }
}

/// Why it came to nothing, and what to do: on the `new` device, which shows a code, or on the other.
pub fn failure(why: LinkFailure, new: bool) -> String {
    let id = match why {
        LinkFailure::NoSuchCode => "link-no-such-code",
        LinkFailure::WrongCode => "link-wrong-code",
        LinkFailure::Expired => "link-expired",
        LinkFailure::Declined => "link-declined",
        LinkFailure::TooMany => "link-too-many",
        LinkFailure::Version => "link-version",
    };
    tr_with(id, [("new", if new { "yes" } else { "no" }.into())])
}

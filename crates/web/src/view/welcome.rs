//! The first run: one field and one button; and what to do when the server took no account.

use leptos::{ev, html, prelude::*, task::spawn_local};
use undertone_web_messages::{Answer, Ask, ChatKind, Refused};

use super::{
    icon::Icon,
    link_this_device::{LinkThisDevice, show_code},
    refusal,
};
use crate::{
    bridge, browser,
    route::Route,
    state::Page,
    words::{tr, tr_with},
};

/// The whole screen. `refused` tells why the server took none, if there is an account already.
#[component]
pub fn Welcome(refused: Option<Refused>) -> impl IntoView {
    let page = Page::here();
    let known = page
        .account()
        .map(|account| account.name)
        .unwrap_or_default();
    let name = RwSignal::new(known);
    let invite = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });

    let create = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let name = name.get_untracked().trim().to_owned();
        if name.is_empty() {
            error.set(Some(tr("welcome-name-missing")));
            return;
        }
        let invite = invite.get_untracked().trim().to_owned();
        busy.set(true);
        error.set(None);
        spawn_local(async move {
            let invite = (!invite.is_empty()).then_some(invite);
            match bridge::ask(Ask::CreateAccount { name, invite }).await {
                Answer::Refused(why) => error.set(Some(refusal::sentence(&why))),
                _ => begin(page).await,
            }
            busy.set(false);
        });
    };
    let host = browser::origin()
        .split_once("://")
        .map(|(_, host)| host.to_owned())
        .unwrap_or_default();
    let linking = Memo::new(move |_| page.devices.with(|devices| devices.linking.clone()));
    let links = Memo::new(move |_| linking.read().is_some());
    // Whoever cancels is back at the button by which they came.
    Effect::new(move |before: Option<bool>| {
        let links = links.get();
        if before == Some(true) && !links {
            request_animation_frame(|| {
                browser::focus("#link-this");
            });
        }
        links
    });
    view! {
        <main class="screen welcome">
            <div class="card">
            <p class="wordmark">"Undertone"</p>
            <Show when=move || links.get()><LinkThisDevice linking /></Show>
            <div class="stack" hidden=move || links.get()>
                <h1>{tr("welcome-title")}</h1>
                <p class="lead">{tr("welcome-lead")}</p>
                <Show when=move || page.device_code.read().is_some()>
                    <p class="hint">{tr("welcome-device-code")}</p>
                </Show>
                <Show when=move || page.link.read().is_some()>
                    <p class="hint">{tr("welcome-invited")}</p>
                </Show>
                {refused.map(|why| {
                    let text = match why {
                        Refused::Closed => tr("welcome-closed"),
                        Refused::Invite => tr("welcome-invite-wanted"),
                    };
                    view! { <p class="error" role="alert">{text}</p> }
                })}
                <form on:submit=create class="stack" novalidate>
                    <label class="field">
                        <span>{tr("welcome-name")}</span>
                        <input
                            node_ref=field
                            name="name"
                            autocomplete="nickname"
                            maxlength="60"
                            prop:value=move || name.get()
                            on:input=move |event| name.set(event_target_value(&event))
                            aria-describedby="name-hint"
                        />
                    </label>
                    <p id="name-hint" class="hint">{tr("welcome-name-hint")}</p>
                    <Show when=move || refused == Some(Refused::Invite)>
                        <label class="field">
                            <span>{tr("welcome-invite")}</span>
                            <input
                                name="invite"
                                autocomplete="off"
                                spellcheck="false"
                                prop:value=move || invite.get()
                                on:input=move |event| invite.set(event_target_value(&event))
                            />
                        </label>
                    </Show>
                    <p class="error" role="alert">{move || error.get()}</p>
                    <button class="button wide" type="submit" disabled=move || busy.get()>
                        {move || if refused.is_some() { tr("welcome-again") } else { tr("welcome-create") }}
                    </button>
                </form>
                <Show when=move || refused.is_none()>
                    <button id="link-this" class="button quiet wide" on:click=move |_| show_code(page)>{tr("link-this")}</button>
                </Show>
                <ul class="promises">
                    <li><Icon name="lock" /><span>{tr("welcome-promise-sealed")}</span></li>
                    <li><Icon name="user" /><span>{tr("welcome-promise-nobody")}</span></li>
                    <li><Icon name="device" /><span>{tr_with("welcome-promise-here", [("host", host.into())])}</span></li>
                </ul>
            </div>
            </div>
        </main>
    }
}

/// Shows the conversation with oneself, in which the rest is told.
async fn begin(page: Page) {
    let Answer::Overview(overview) = bridge::ask(Ask::Overview).await else {
        return;
    };
    let notes = overview
        .chats
        .iter()
        .find(|chat| chat.kind == ChatKind::Notes)
        .map(|chat| chat.chat);
    // A link that was opened comes first.
    if let (Some(notes), true) = (notes, page.link.read_untracked().is_none()) {
        page.go_instead(Route::Chat(notes));
    }
    page.overview.set(Some(overview));
}

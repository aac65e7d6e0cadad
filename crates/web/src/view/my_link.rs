//! My contact links: the one for everybody, and those for one person.

use leptos::{prelude::*, task::spawn_local};
use undertone_web_messages::{Answer, Ask, Line, Link};
use wasm_bindgen_futures::JsFuture;

use super::{dialog::Dialog, icon::Icon, qr_code::QrCode, refusal};
use crate::{bridge, state::Page, words::tr};

/// The reusable link, with its picture and its buttons.
#[component]
pub fn MyLink(#[prop(optional)] with_reset: bool) -> impl IntoView {
    let page = Page::here();
    let link = RwSignal::new(None::<Link>);
    let once = RwSignal::new(None::<Link>);
    let asking = RwSignal::new(false);
    let read = move || {
        spawn_local(async move {
            if let Answer::Link(found) = bridge::ask(Ask::MyLink).await {
                let _ = link.try_set(Some(found));
            }
        });
    };
    // It can be used once the server has it: looked at again with each change of the connection.
    Effect::new(move |_| {
        let _ = page.overview.read();
        // An effect may run once more after its owner has gone.
        let missing = |link: &Option<Link>| link.as_ref().is_none_or(|link| !link.ready);
        if link.try_with_untracked(missing) == Some(true) {
            read();
        }
    });
    let make_once = move |_| {
        spawn_local(async move {
            match bridge::ask(Ask::NewOnceLink { days: 7 }).await {
                Answer::Link(made) => once.set(Some(made)),
                Answer::Refused(why) => page.say(refusal::sentence(&why)),
                _ => {}
            }
        });
    };
    let reset = move |_| {
        asking.set(false);
        spawn_local(async move {
            match bridge::ask(Ask::ResetLink).await {
                Answer::Link(made) => {
                    link.set(Some(made));
                    page.say(tr("link-was-reset"));
                }
                Answer::Refused(why) => page.say(refusal::sentence(&why)),
                _ => {}
            }
        });
    };
    view! {
        {move || link.get().map(|link| view! {
            <LinkCard link name=tr("my-link") copy=tr("copy-my-link") about=tr("my-link-about") />
        })}
        {move || once.get().map(|link| view! {
            <LinkCard link name=tr("once-link") copy=tr("copy-once-link") about=tr("once-link-about") />
        })}
        <Show when=move || with_reset>
            <div class="row-buttons">
                <button class="button quiet" on:click=make_once>{tr("once-link-make")}</button>
                <button class="text-button" on:click=move |_| asking.set(true)>{tr("link-reset")}</button>
            </div>
        </Show>
        <Show when=move || asking.get()>
            <Dialog label=tr("link-reset-title") on_close=Callback::new(move |()| asking.set(false))>
                <h2>{tr("link-reset-title")}</h2>
                <p>{tr("link-reset-body")}</p>
                <div class="row-buttons">
                    <button class="button danger" on:click=reset>{tr("link-reset-do")}</button>
                    <button class="button quiet" on:click=move |_| asking.set(false)>{tr("cancel")}</button>
                </div>
            </Dialog>
        </Show>
    }
}

#[component]
fn LinkCard(link: Link, name: String, copy: String, about: String) -> impl IntoView {
    let page = Page::here();
    let text = link.link.clone();
    let (copied, shared) = (text.clone(), text.clone());
    let ready = link.ready;
    let once = link.once;
    let not_ready = move || (!ready && page.line() != Line::Online).then(|| tr("link-not-ready"));
    view! {
        <div class="link-card" class:once=once>
            <QrCode text=text.clone() label=tr("qr-label") />
            <div class="link-words">
                <div role="group" aria-label=name class="link-text">{text}</div>
                <p class="hint">{about}</p>
                <p class="hint" role="status">{not_ready}</p>
                <div class="row-buttons">
                    <button class="button" on:click=move |_| copy_text(page, copied.clone())>
                        <Icon name="copy" />{copy}
                    </button>
                    <ShareButton text=shared />
                </div>
            </div>
        </div>
    }
}

/// Shares by the system's own way, where there is one.
#[component]
fn ShareButton(text: String) -> impl IntoView {
    let navigator = window().navigator();
    let can = js_sys::Reflect::has(&navigator, &"share".into()).unwrap_or(false);
    let share = move |_| {
        let data = js_sys::Object::new();
        // A plain object takes any property.
        let _ = js_sys::Reflect::set(&data, &"text".into(), &text.as_str().into());
        let navigator = window().navigator();
        if let Ok(share) = js_sys::Reflect::get(&navigator, &"share".into()) {
            let share: js_sys::Function = share.into();
            // Whoever closes the system's window has changed their mind.
            let _ = share.call1(&navigator, &data);
        }
    };
    can.then(|| view! { <button class="button quiet" on:click=share>{tr("share")}</button> })
}

/// Copies, and says so.
pub fn copy_text(page: Page, text: String) {
    spawn_local(async move {
        let copying = window().navigator().clipboard().write_text(&text);
        match JsFuture::from(copying).await {
            Ok(_) => page.say(tr("copied")),
            Err(_) => page.say(tr("copy-failed")),
        }
    });
}

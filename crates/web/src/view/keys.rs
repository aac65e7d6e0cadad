//! What the keyboard does everywhere, and the list that tells it.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;

use super::dialog::Dialog;
use crate::{browser, route::Route, state::Page, words::tr};

/// Follows the keyboard for as long as the page lives.
pub fn follow(page: Page) {
    let _ = window_event_listener(ev::keydown, move |event: ev::KeyboardEvent| {
        let command = event.ctrl_key() || event.meta_key();
        let typing = is_field(event.target());
        match event.key().as_str() {
            "k" | "K" if command && !event.shift_key() => {
                event.prevent_default();
                page.finding.set(true);
            }
            "ArrowUp" if event.alt_key() => {
                event.prevent_default();
                step(page, -1);
            }
            "ArrowDown" if event.alt_key() => {
                event.prevent_default();
                step(page, 1);
            }
            "?" if !typing && !command => page.keys.set(true),
            // A dialog ends by itself.
            "Escape" if !browser::is_there("dialog[open]") => back(page),
            _ => {}
        }
    });
}

/// Opens the chat above or below.
fn step(page: Page, by: isize) {
    let chats = page.overview.with_untracked(|overview| {
        overview
            .iter()
            .flat_map(|overview| &overview.chats)
            .map(|entry| entry.chat)
            .collect::<Vec<_>>()
    });
    let open = page.route.get_untracked().chat();
    let at = open.and_then(|open| chats.iter().position(|chat| *chat == open));
    let to = match at {
        Some(at) => at
            .saturating_add_signed(by)
            .min(chats.len().saturating_sub(1)),
        None => 0,
    };
    if let Some(chat) = chats.get(to) {
        page.go(Route::Chat(*chat));
    }
}

/// One step towards the list, which gets the focus.
fn back(page: Page) {
    let route = page.route.get_untracked();
    if route == Route::Chats {
        return;
    }
    let from = route.path();
    page.go(route.parent());
    request_animation_frame(move || {
        if !browser::focus(&format!(".chats a[href='{from}']")) {
            browser::focus("textarea, .chats a");
        }
    });
}

/// The list of keys.
#[component]
pub fn Keys() -> impl IntoView {
    let page = Page::here();
    let rows = || {
        [
            ("Ctrl K", tr("keys-find")),
            ("Alt ↑ ↓", tr("keys-step")),
            ("Enter", tr("keys-send")),
            ("Shift Enter", tr("keys-line")),
            ("Esc", tr("keys-back")),
            ("?", tr("keys-this")),
        ]
    };
    view! {
        <Show when=move || page.keys.get()>
            <Dialog label=tr("keys-title") on_close=Callback::new(move |()| page.keys.set(false))>
                <h2>{tr("keys-title")}</h2>
                <dl class="keys">
                    {rows().into_iter().map(|(key, what)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div> }).collect_view()}
                </dl>
                <button class="button quiet" on:click=move |_| page.keys.set(false)>{tr("close")}</button>
            </Dialog>
        </Show>
    }
}

/// Whether an element is where text is typed.
fn is_field(target: Option<web_sys::EventTarget>) -> bool {
    let element = target.and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    element.is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    })
}

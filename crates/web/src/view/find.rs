//! Finds any chat by its name, and messages by their words.

use leptos::{ev, html, prelude::*, task::spawn_local};
use undertone_web_messages::{Answer, Ask, Found};

use super::{dialog::Dialog, person::chat_name};
use crate::{
    bridge,
    route::Route,
    state::Page,
    times,
    words::{tr, tr_with},
};

/// The dialog, while it is open.
#[component]
pub fn Find() -> impl IntoView {
    let page = Page::here();
    view! {
        <Show when=move || page.finding.get()>
            <Dialog label=tr("find-title") class="find" on_close=Callback::new(move |()| page.finding.set(false))>
                <Finder />
            </Dialog>
        </Show>
    }
}

#[component]
fn Finder() -> impl IntoView {
    let page = Page::here();
    let field = NodeRef::<html::Input>::new();
    let words = RwSignal::new(String::new());
    let found = RwSignal::new(Vec::<Found>::new());
    let chosen = RwSignal::new(0_usize);
    let sought = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    Effect::new(move |_| {
        let asked = words.get();
        if asked.trim().is_empty() {
            let chats = page.overview.with(|overview| {
                overview
                    .iter()
                    .flat_map(|overview| &overview.chats)
                    .take(8)
                    .map(|entry| Found {
                        chat: entry.chat,
                        message: None,
                    })
                    .collect()
            });
            found.set(chats);
            sought.set(asked);
            return;
        }
        spawn_local(async move {
            let answer = bridge::ask(Ask::Search {
                words: asked.clone(),
            })
            .await;
            // An answer that was overtaken by another letter is not shown.
            if let Answer::Found(all) = answer
                && words.try_get_untracked().as_ref() == Some(&asked)
            {
                found.set(all);
                chosen.set(0);
                sought.set(asked);
            }
        });
    });
    let open = move |what: &Found| {
        page.finding.set(false);
        if let Some(message) = &what.message {
            page.go_to.set(Some((what.chat, message.seq)));
        }
        page.go(Route::Chat(what.chat));
    };
    let pressed = move |event: ev::KeyboardEvent| {
        let last = found.read_untracked().len().saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|chosen| *chosen = (*chosen + 1).min(last)),
            "ArrowUp" => chosen.update(|chosen| *chosen = chosen.saturating_sub(1)),
            "Enter" => {
                if let Some(what) = found.read_untracked().get(chosen.get_untracked()).cloned() {
                    open(&what);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let nothing = move || found.read().is_empty() && !sought.read().trim().is_empty();
    view! {
        <input
            node_ref=field
            class="find-field"
            type="search"
            role="combobox"
            aria-expanded="true"
            aria-controls="found"
            aria-activedescendant=move || format!("found-{}", chosen.get())
            aria-label=tr("find-field")
            placeholder=tr("find-field")
            on:input=move |event| words.set(event_target_value(&event))
            on:keydown=pressed
        />
        <ul id="found" class="found" role="listbox" aria-label=tr("find-results")>
            {move || found.get().into_iter().enumerate().map(|(index, what)| {
                let name = page.chat(what.chat).map(|entry| chat_name(&entry)).unwrap_or_default();
                let detail = what.message.as_ref().map(|message| {
                    (message.text.clone().unwrap_or_default(), times::short(message.sent_at))
                });
                let clicked = what.clone();
                view! {
                    <li
                        id=format!("found-{index}")
                        role="option"
                        aria-selected=move || (chosen.get() == index).to_string()
                        on:click=move |_| open(&clicked)
                    >
                        <bdi class="found-name">{name}</bdi>
                        {detail.map(|(text, time)| view! { <span class="found-time">{time}</span><bdi class="found-text">{text}</bdi> })}
                    </li>
                }
            }).collect_view()}
        </ul>
        <p class="hint" role="status">
            {move || nothing().then(|| tr_with("find-nothing", [("words", sought.get().into())]))}
        </p>
    }
}

//! The safety number with a contact: compared by eye or by ear.

use leptos::{prelude::*, task::spawn_local};
use undertone_web_messages::{Answer, Ask, PersonKey};

use super::{empty::Gone, icon::Icon, person::chat_name, refusal, to::To};
use crate::{
    bridge, browser,
    route::Route,
    state::Page,
    words::{tr, tr_with},
};

/// The page.
#[component]
pub fn Safety(person: PersonKey) -> impl IntoView {
    let page = Page::here();
    let groups = RwSignal::new(Vec::<String>::new());
    let missing = RwSignal::new(false);
    spawn_local(async move {
        match bridge::ask(Ask::SafetyNumber { person }).await {
            Answer::SafetyNumber(number) => {
                let _ = groups.try_set(number.groups);
            }
            _ => {
                let _ = missing.try_set(true);
            }
        }
    });
    let entry = Memo::new(move |_| page.chat_with(person));
    let name = move || {
        entry
            .get()
            .map(|entry| chat_name(&entry))
            .unwrap_or_default()
    };
    let verified = Memo::new(move |_| entry.get().is_some_and(|entry| entry.verified));
    let back = move || {
        entry
            .get()
            .map_or(Route::Chats, |entry| Route::Details(entry.chat))
    };
    let spoken = RwSignal::new(None::<usize>);
    on_cleanup(stop_speaking);
    let set = move |verified: bool| {
        spawn_local(async move {
            match bridge::ask(Ask::SetVerified { person, verified }).await {
                Answer::Refused(why) => page.say(refusal::sentence(&why)),
                _ if verified => page.say(tr("safety-marked")),
                _ => page.say(tr("safety-unmarked")),
            }
            page.refresh();
        });
    };
    view! {
        <Show when=move || !missing.get() fallback=|| view! { <Gone /> }>
            <section class="sheet">
                <div class="bar">
                    {move || view! { <To route=back() class="icon-button" label=tr("go-back")><Icon name="back" /></To> }}
                    <h1>{tr("safety-number")}</h1>
                </div>
                <div class="sheet-body safety">
                    <p class="lead">{move || tr_with("safety-lead", [("name", name().into())])}</p>
                    <ol class="safety-groups" aria-label=tr("safety-number") dir="ltr">
                        {move || groups.get().into_iter().enumerate().map(|(index, group)| view! {
                            <li class:spoken=move || spoken.get() == Some(index)>{group}</li>
                        }).collect_view()}
                    </ol>
                    <div class="row-buttons centered">
                        <button class="button quiet" on:click=move |_| speak(groups, spoken)>
                            <Icon name="speak" />
                            {move || if spoken.get().is_some() { tr("safety-stop") } else { tr("safety-speak") }}
                        </button>
                    </div>
                    <p class="hint">{tr("safety-how")}</p>
                    {move || if verified.get() {
                        view! {
                            <p class="verified-line"><Icon name="verified" />{tr_with("safety-verified-line", [("name", name().into())])}</p>
                            <button class="button quiet wide" on:click=move |_| set(false)>{tr("safety-unmark")}</button>
                        }.into_any()
                    } else {
                        view! { <button class="button wide" on:click=move |_| set(true)>{tr("safety-mark")}</button> }.into_any()
                    }}
                    <p class="hint">{tr("safety-differs")}</p>
                </div>
            </section>
        </Show>
    }
}

/// Reads the number aloud, a group at a time, on this device alone; or stops.
fn speak(groups: RwSignal<Vec<String>>, spoken: RwSignal<Option<usize>>) {
    if spoken.get_untracked().is_some() {
        stop_speaking();
        spoken.set(None);
        return;
    }
    speak_from(0, groups, spoken);
}

fn speak_from(index: usize, groups: RwSignal<Vec<String>>, spoken: RwSignal<Option<usize>>) {
    let group = groups
        .try_with_untracked(|groups| groups.get(index).cloned())
        .flatten();
    let (Some(group), Ok(speech)) = (group, window().speech_synthesis()) else {
        let _ = spoken.try_set(None);
        return;
    };
    let digits: Vec<String> = group.chars().map(String::from).collect();
    let Ok(utterance) = web_sys::SpeechSynthesisUtterance::new_with_text(&digits.join(" ")) else {
        return;
    };
    utterance.set_rate(0.8);
    browser::on_event(&utterance, "end", move |_| {
        if spoken.try_get_untracked().flatten() == Some(index) {
            speak_from(index + 1, groups, spoken);
        }
    });
    browser::on_event(&utterance, "error", move |_| {
        let _ = spoken.try_set(None);
    });
    let _ = spoken.try_set(Some(index));
    speech.speak(&utterance);
}

fn stop_speaking() {
    if let Ok(speech) = window().speech_synthesis() {
        speech.cancel();
    }
}

//! Choosing contacts from a list.

use std::collections::BTreeSet;

use leptos::{prelude::*, task::spawn_local};
use undertone_web_messages::{Answer, Ask, Person, PersonKey};

use super::person::{Avatar, member_name};
use crate::{
    bridge,
    words::{tr, tr_with},
};

/// People from which on a list can be searched.
pub const MANY: usize = 8;
/// People that are shown at once; the others are found by their names.
pub const MOST: usize = 100;

/// Whether a name has the letters that are sought, however they are written.
pub fn fits(name: &str, sought: &str) -> bool {
    name.to_lowercase().contains(&sought.trim().to_lowercase())
}

/// A field that narrows down a list of people.
#[component]
pub fn SearchPeople(words: RwSignal<String>) -> impl IntoView {
    view! {
        <input
            class="find-field"
            type="search"
            aria-label=tr("people-find")
            placeholder=tr("people-find")
            on:input=move |event| words.set(event_target_value(&event))
        />
    }
}

/// What is said below a list that is cut, or has nobody.
#[component]
pub fn Rest(shown: Signal<(usize, usize)>) -> impl IntoView {
    view! {
        <p class="hint" role="status">
            {move || match shown.get() {
                (0, _) => Some(tr("people-none")),
                (some, all) if all > some => Some(tr_with("people-more", [("count", (all - some).into())])),
                _ => None,
            }}
        </p>
    }
}

/// Contacts, each with a box to be checked; those in `without` are not shown.
#[component]
pub fn ChoosePeople(
    chosen: RwSignal<BTreeSet<PersonKey>>,
    without: Vec<PersonKey>,
) -> impl IntoView {
    let people = RwSignal::new(None::<Vec<Person>>);
    let words = RwSignal::new(String::new());
    spawn_local(async move {
        if let Answer::People(mut all) = bridge::ask(Ask::People).await {
            all.retain(|person| !person.blocked && !without.contains(&person.person));
            let _ = people.try_set(Some(all));
        }
    });
    let many =
        Memo::new(move |_| people.with(|all| all.as_ref().is_some_and(|all| all.len() > MANY)));
    let fitting = Memo::new(move |_| {
        let sought = words.get();
        people.with(|all| {
            let all = all.iter().flatten();
            all.filter(|person| fits(&person.name, &sought))
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let shown = Signal::derive(move || {
        let all = fitting.read().len();
        (all.min(MOST), all)
    });
    let toggle = move |person: PersonKey| {
        chosen.update(|chosen| {
            if !chosen.remove(&person) {
                chosen.insert(person);
            }
        });
    };
    view! {
        <fieldset class="choices">
            <legend>{tr("people-choose")}</legend>
            <Show when=move || many.get()><SearchPeople words /></Show>
            <For each=move || fitting.get().into_iter().take(MOST) key=|person| person.person let(person)>
                {
                    let key = person.person;
                    view! {
                        <label class="choice">
                            <Avatar name=person.name.clone() seed=key.0.first().copied().unwrap_or_default() />
                            <bdi>{member_name(&person.name)}</bdi>
                            <input type="checkbox" prop:checked=move || chosen.read().contains(&key) on:change=move |_| toggle(key) />
                        </label>
                    }
                }
            </For>
            <Show when=move || people.read().is_some()><Rest shown /></Show>
        </fieldset>
    }
}

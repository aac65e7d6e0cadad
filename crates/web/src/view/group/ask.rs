//! The questions that are asked before a group is changed.

use std::collections::BTreeSet;

use leptos::{ev, prelude::*};
use undertone_web_messages::{GroupChange, PersonKey};

use super::{Asking, Open};
use crate::{
    route::Route,
    view::{dialog::Dialog, people::ChoosePeople, person::member_name},
    words::{tr, tr_with},
};

/// The dialog.
#[component]
pub(super) fn Question(open: Open, what: Asking) -> impl IntoView {
    let group = open.group.get_untracked();
    let title = group
        .as_ref()
        .map(|group| group.title.clone())
        .unwrap_or_default();
    let (label, content) = match what {
        Asking::Title => (
            tr("group-edit-title"),
            edit(open, tr("group-title"), title, GroupChange::Title),
        ),
        Asking::Description => {
            let text = group.map(|group| group.description).unwrap_or_default();
            let label = tr("group-description");
            (
                tr("group-edit-description"),
                edit(open, label, text, GroupChange::Description),
            )
        }
        Asking::MyName => {
            let name = group.map(|group| group.my_name).unwrap_or_default();
            let label = tr("group-my-name-field");
            (
                tr("group-edit-my-name"),
                edit(open, label, name, GroupChange::MyName),
            )
        }
        Asking::Add => (tr("group-add"), add(open)),
        Asking::Member(person) => about(open, person),
        Asking::Leave => (
            tr_with("group-leave-title", [("title", title.into())]),
            confirm(open, "group-leave-body", "group-leave", GroupChange::Leave),
        ),
        Asking::End => (
            tr_with("group-end-title", [("title", title.into())]),
            confirm(open, "group-end-body", "group-end", GroupChange::Dissolve),
        ),
    };
    view! {
        <Dialog label=label.clone() on_close=Callback::new(move |()| open.asking.set(None))>
            <h2><bdi>{label}</bdi></h2>
            {content}
            <p class="error" role="alert">{move || open.error.get()}</p>
        </Dialog>
    }
}

fn cancel(open: Open, label: String) -> AnyView {
    view! { <button class="button quiet" type="button" on:click=move |_| open.asking.set(None)>{label}</button> }
        .into_any()
}

fn edit(open: Open, label: String, now: String, change: fn(String) -> GroupChange) -> AnyView {
    let text = RwSignal::new(now);
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        open.change(vec![change(text.get_untracked().trim().to_owned())]);
    };
    view! {
        <form class="stack" on:submit=save novalidate>
            <label class="field">
                <span>{label}</span>
                <input
                    autocomplete="off"
                    dir="auto"
                    prop:value=move || text.get()
                    on:input=move |event| { open.error.set(None); text.set(event_target_value(&event)); }
                />
            </label>
            <div class="row-buttons">
                <button class="button" type="submit">{tr("save")}</button>
                {cancel(open, tr("cancel"))}
            </div>
        </form>
    }
    .into_any()
}

fn add(open: Open) -> AnyView {
    let chosen = RwSignal::new(BTreeSet::<PersonKey>::new());
    let there = open.group.with_untracked(|group| {
        let members = group.iter().flat_map(|group| &group.members);
        members.map(|member| member.person).collect::<Vec<_>>()
    });
    let save = move |_| {
        let people = chosen.get_untracked().into_iter();
        open.change(people.map(GroupChange::Add).collect());
    };
    view! {
        <p>{tr("group-add-about")}</p>
        <ChoosePeople chosen without=there />
        <div class="row-buttons">
            <button class="button" disabled=move || chosen.read().is_empty() on:click=save>{tr("add")}</button>
            {cancel(open, tr("cancel"))}
        </div>
    }
    .into_any()
}

fn confirm(open: Open, body: &'static str, action: &'static str, change: GroupChange) -> AnyView {
    view! {
        <p>{tr(body)}</p>
        <div class="row-buttons">
            <button class="button danger" on:click=move |_| open.change(vec![change.clone()])>{tr(action)}</button>
            {cancel(open, tr("cancel"))}
        </div>
    }
    .into_any()
}

/// Somebody in the group: what they are, and what can be done.
fn about(open: Open, person: PersonKey) -> (String, AnyView) {
    let (governs, member) = open.group.with_untracked(|group| {
        let mut members = group.iter().flat_map(|group| &group.members);
        let member = members.find(|member| member.person == person).cloned();
        let governs = group.as_ref().is_some_and(|group| group.admin);
        (governs && open.is_active(), member)
    });
    let Some(member) = member else {
        return (tr("member-gone"), cancel(open, tr("close")));
    };
    let admin = member.admin;
    let here = member.wished != Some(true);
    let chat = open.page.chat_with(person);
    let go = move |_| {
        if let Some(chat) = &chat {
            open.page.go(Route::Chat(chat.chat));
        }
    };
    let known = open.page.chat_with(person).is_some();
    let button = move |class: &'static str, label: String, change: GroupChange| {
        view! { <button class=class on:click=move |_| open.change(vec![change.clone()])>{label}</button> }
            .into_any()
    };
    let content = view! {
        <p>{if admin { tr("member-is-admin") } else if here { tr("member-is") } else { tr("member-is-coming") }}</p>
        <div class="stack">
            {known.then(|| view! { <button class="button quiet wide" on:click=go>{tr("member-write")}</button> })}
            {(governs && here).then(|| {
                let label = if admin { tr("member-no-admin") } else { tr("member-make-admin") };
                button("button quiet wide", label, GroupChange::Admin(person, !admin))
            })}
            {governs.then(|| view! {
                {button("button danger-quiet wide", tr("member-remove"), GroupChange::Remove(person))}
                <p class="hint">{tr("member-remove-about")}</p>
            })}
            {cancel(open, tr("close"))}
        </div>
    };
    (member_name(&member.name), content.into_any())
}

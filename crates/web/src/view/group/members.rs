//! Who is in a group.

use std::collections::BTreeMap;

use leptos::prelude::*;
use undertone_web_messages::{Member, PersonKey};

use super::{Asking, Open, people};
use crate::{
    view::{
        people::{MANY, MOST, Rest, SearchPeople, fits},
        person::{Avatar, member_name},
    },
    words::{tr, tr_with},
};

/// The list, and the way to add to it.
#[component]
pub(super) fn Members(open: Open) -> impl IntoView {
    let words = RwSignal::new(String::new());
    let count = Memo::new(move |_| open.get(people));
    let many = Memo::new(move |_| open.get(|group| group.members.len() > MANY));
    let may_add = Memo::new(move |_| open.get(|group| group.may_add));
    let fitting = Memo::new(move |_| {
        let sought = words.get();
        open.get(|group| {
            let all = group.members.iter();
            all.filter(|member| fits(&member.name, &sought))
                .map(|member| member.person)
                .collect::<Vec<_>>()
        })
    });
    let members = Memo::new(move |_| {
        open.get(|group| {
            let all = group.members.iter();
            all.map(|member| (member.person, member.clone()))
                .collect::<BTreeMap<_, _>>()
        })
    });
    let shown = Signal::derive(move || {
        let all = fitting.read().len();
        (all.min(MOST), all)
    });
    view! {
        <section>
            <h2>{move || tr_with("group-people", [("count", count.get().into())])}</h2>
            <Show when=move || many.get()><SearchPeople words /></Show>
            <ul class="members" role="list" aria-label=tr("group-members")>
                <For each=move || fitting.get().into_iter().take(MOST) key=|person| *person let(person)>
                    <Row open person members />
                </For>
            </ul>
            <Show when=move || open.group.read().is_some()><Rest shown /></Show>
            {move || may_add.get().then(|| open.button("button quiet wide", tr("group-add"), Asking::Add))}
        </section>
    }
}

#[component]
fn Row(open: Open, person: PersonKey, members: Memo<BTreeMap<PersonKey, Member>>) -> impl IntoView {
    let member = Memo::new(move |_| members.with(|members| members.get(&person).cloned()));
    let about = move |member: &Member| match (member.wished, member.admin) {
        (Some(true), _) => Some(tr("member-adding")),
        (Some(false), _) => Some(tr("member-removing")),
        (None, true) => Some(tr("member-admin")),
        (None, false) => None,
    };
    let line = move || {
        member.get().map(|member| {
            let name = member_name(&member.name);
            let seed = person.0.first().copied().unwrap_or_default();
            view! {
                <Avatar name=member.name.clone() seed />
                <span class="settings-name">
                    <bdi>{name}</bdi>
                    {member.me.then(|| view! { <span class="quiet-word">" "{tr("member-me")}</span> })}
                </span>
                {about(&member).map(|about| view! { <span class="settings-about">{about}</span> })}
            }
        })
    };
    // What can be done with somebody is decided when it is asked.
    let mine = member.with_untracked(|member| member.as_ref().is_some_and(|member| member.me));
    view! {
        <li>
            {if mine {
                view! { <div class="settings-row member">{line}</div> }.into_any()
            } else {
                view! {
                    <button class="settings-row member" on:click=move |_| open.ask(Asking::Member(person))>{line}</button>
                }.into_any()
            }}
        </li>
    }
}

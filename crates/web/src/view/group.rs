//! What there is to know of a group, and what can be changed in it.

mod ask;
mod members;

use leptos::{prelude::*, task::spawn_local};
use undertone_web_messages::{ChatKey, ChatState, Group, GroupChange, PersonKey};

use super::{change::rule, encrypted::Encrypted, person::Avatar, refusal};
use crate::{
    state::Page,
    words::{tr, tr_with},
};

/// How many people are in it.
pub fn people(group: &Group) -> usize {
    let there = group.members.iter();
    there.filter(|member| member.wished != Some(true)).count()
}

/// What is asked in a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    Title,
    Description,
    MyName,
    Add,
    Member(PersonKey),
    Leave,
    End,
}

/// What all parts of it share.
#[derive(Clone, Copy)]
struct Open {
    page: Page,
    chat: ChatKey,
    group: Memo<Option<Group>>,
    asking: RwSignal<Option<Asking>>,
    error: RwSignal<Option<String>>,
}

impl Open {
    /// Something of the group; its default until it was read.
    fn get<T: Default>(self, of: impl FnOnce(&Group) -> T) -> T {
        self.group
            .with(|group| group.as_ref().map(of).unwrap_or_default())
    }

    fn is_active(self) -> bool {
        self.get(|group| group.state == ChatState::Active)
    }

    fn ask(self, what: Asking) {
        self.error.set(None);
        self.asking.set(Some(what));
    }

    /// Makes changes; then the dialog is closed, or says why not.
    fn change(self, changes: Vec<GroupChange>) {
        spawn_local(async move {
            for change in changes {
                if let Err(why) = self.page.change_group(self.chat, change).await {
                    let sentence = refusal::sentence(&why);
                    if self.asking.try_get_untracked().flatten().is_some() {
                        self.error.set(Some(sentence));
                    } else {
                        self.page.say(sentence);
                    }
                    return;
                }
            }
            let _ = self.asking.try_set(None);
        });
    }

    /// A button that opens a dialog.
    fn button(self, class: &'static str, label: String, what: Asking) -> AnyView {
        view! { <button class=class on:click=move |_| self.ask(what)>{label}</button> }.into_any()
    }
}

/// All of it.
#[component]
pub fn GroupDetails(chat: ChatKey) -> impl IntoView {
    let page = Page::here();
    let open = Open {
        page,
        chat,
        group: Memo::new(move |_| page.group(chat)),
        asking: RwSignal::new(None),
        error: RwSignal::new(None),
    };
    let title = Memo::new(move |_| open.get(|group| group.title.clone()));
    let description = Memo::new(move |_| open.get(|group| group.description.clone()));
    let my_name = Memo::new(move |_| open.get(|group| group.my_name.clone()));
    let may_edit = Memo::new(move |_| open.get(|group| group.may_edit));
    let state = Memo::new(move |_| {
        open.group
            .with(|group| group.as_ref().map(|group| group.state))
    });
    let admin = Memo::new(move |_| open.get(|group| group.admin) && open.is_active());
    let seed = chat.0.first().copied().unwrap_or_default();
    view! {
        <div class="details-body">
            <div class="portrait">
                {move || view! { <Avatar name=title.get() seed group=true large=true /> }}
                <p class="portrait-name"><bdi>{move || title.get()}</bdi></p>
                <Show when=move || !description.read().is_empty()>
                    <p class="portrait-about" dir="auto">{move || description.get()}</p>
                </Show>
                {move || may_edit.get().then(|| view! {
                    <div class="row-buttons centered">
                        {open.button("text-button", tr("group-edit-title"), Asking::Title)}
                        {open.button("text-button", tr("group-edit-description"), Asking::Description)}
                    </div>
                })}
                {move || match state.get() {
                    Some(ChatState::Left) => Some(tr("foot-left")),
                    Some(ChatState::Removed) => Some(tr("foot-removed")),
                    Some(ChatState::Dissolved) => Some(tr("foot-dissolved")),
                    _ => None,
                }.map(|words| view! { <p class="hint">{words}</p> })}
            </div>
            <members::Members open />
            {move || (state.get() == Some(ChatState::Active)).then(|| view! {
                <section>
                    <h2>{tr("group-my-name")}</h2>
                    <p>{move || match my_name.get() {
                        name if name.is_empty() => tr("group-my-name-usual"),
                        name => tr_with("group-my-name-other", [("name", name.into())]),
                    }}</p>
                    <div class="row-buttons">
                        {open.button("text-button", tr("group-edit-my-name"), Asking::MyName)}
                    </div>
                </section>
                <section>
                    <h2>{tr("group-rules")}</h2>
                    <Rules open admin=admin.into() />
                </section>
                <section>
                    <h2>{tr("encryption")}</h2>
                    <p>{tr("encryption-group")}</p>
                    <Encrypted chat />
                    <details class="why">
                        <summary>{tr("encryption-terms")}</summary>
                        <p>{tr("encryption-terms-body")}</p>
                    </details>
                </section>
                <section>
                    <h2>{tr("group-leave")}</h2>
                    <p>{tr("group-leave-about")}</p>
                    {open.button("button danger-quiet wide", tr("group-leave"), Asking::Leave)}
                    {move || admin.get().then(|| open.button("button danger-quiet wide", tr("group-end"), Asking::End))}
                </section>
            })}
        </div>
        {move || open.asking.get().map(|what| view! { <ask::Question open what /> })}
    }
}

/// Who may do what, as sentences.
#[component]
fn Rules(open: Open, admin: Signal<bool>) -> impl IntoView {
    let rules = Memo::new(move |_| open.get(|group| group.rules.clone()));
    let row = move |name: String, everybody: bool| {
        let what = rule(&name);
        let (now, then) = if everybody {
            ("rule-everybody", "rule-restrict")
        } else {
            ("rule-admins", "rule-allow")
        };
        let now = tr_with(now, [("text", what.as_str().into())]);
        let then = tr_with(then, [("text", what.into())]);
        view! {
            <li class="rule">
                <span>{now}</span>
                {admin.get().then(|| view! {
                    <button
                        class="text-button"
                        aria-label=then.clone()
                        title=then
                        on:click=move |_| open.change(vec![GroupChange::Rule(name.clone(), !everybody)])
                    >{tr("rule-change")}</button>
                })}
            </li>
        }
    };
    view! {
        <ul class="rules" role="list">
            {move || rules.get().into_iter().map(|(name, everybody)| row(name, everybody)).collect_view()}
        </ul>
    }
}

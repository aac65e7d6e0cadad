//! A stranger who asks, and an invitation to a group: nothing of theirs is shown, and nothing goes out, until the user
//! decides.

use leptos::{prelude::*, task::spawn_local};
use undertone_web_messages::{Answer, Ask, CameBy, ChatKey, MessageKey};

use super::{empty::Gone, icon::Icon, person::member_name, refusal, to::Back};
use crate::{
    bridge,
    route::Route,
    state::Page,
    times,
    words::{tr, tr_with},
};

/// An answer that is given once.
#[derive(Clone, Copy)]
struct Answering {
    page: Page,
    given: RwSignal<bool>,
}

impl Answering {
    fn begin(page: Page) -> Self {
        Self {
            page,
            given: RwSignal::new(false),
        }
    }

    /// Gives it, shows something else, and says a sentence.
    fn give(self, ask: Ask, then: Route, said: Option<String>) {
        if self.given.get_untracked() {
            return;
        }
        self.given.set(true);
        let page = self.page;
        spawn_local(async move {
            match bridge::ask(ask).await {
                Answer::Refused(why) => {
                    page.say(refusal::sentence(&why));
                    let _ = self.given.try_set(false);
                }
                _ => {
                    if let Answer::Overview(overview) = bridge::ask(Ask::Overview).await {
                        page.overview.set(Some(overview));
                    }
                    page.go_instead(then);
                    if let Some(said) = said {
                        page.say(said);
                    }
                }
            }
        });
    }
}

/// A stranger who asks.
#[component]
pub fn Request(request: ChatKey) -> impl IntoView {
    let page = Page::here();
    let entry = Memo::new(move |_| {
        page.overview.with(|overview| {
            let mut requests = overview.iter().flat_map(|overview| &overview.requests);
            requests.find(|entry| entry.request == request).cloned()
        })
    });
    let answer = Answering::begin(page);
    let decide = move |ask, then, said| answer.give(ask, then, said);
    view! {
        <section class="sheet">
            <div class="bar"><Back /><h1>{tr("request-title")}</h1></div>
            {move || match entry.get() {
                None if answer.given.get() => ().into_any(),
                None => view! { <Gone /> }.into_any(),
                Some(entry) => {
                    let came = match entry.came_by {
                        Some(CameBy::Once) => tr("request-by-once"),
                        Some(CameBy::Contact) => tr("request-by-contact"),
                        Some(CameBy::Link) | None => tr("request-by-link"),
                    };
                    view! {
                        <div class="sheet-body request">
                            <span class="empty-mark"><Icon name="request" /></span>
                            <p class="lead">{tr("request-lead")}</p>
                            <p>{came}" "{tr_with("request-when", [("when", times::whole(entry.received_at).into())])}</p>
                            <p class="hint">{tr("request-nothing-shown")}</p>
                            <div class="stack">
                                <button class="button wide" on:click=move |_| decide(Ask::AcceptRequest { request }, Route::Chat(request), None)>
                                    {tr("accept")}
                                </button>
                                <button class="button quiet wide" on:click=move |_| decide(Ask::DeleteRequest { request }, Route::Chats, Some(tr("request-deleted")))>
                                    {tr("delete")}
                                </button>
                                <button class="button danger-quiet wide" on:click=move |_| decide(Ask::BlockRequest { request }, Route::Chats, Some(tr("request-blocked")))>
                                    {tr("block")}
                                </button>
                            </div>
                            <p class="hint">{tr("request-choices")}</p>
                        </div>
                    }.into_any()
                }
            }}
        </section>
    }
}

/// An invitation to a group.
#[component]
pub fn Invitation(id: MessageKey) -> impl IntoView {
    let page = Page::here();
    let entry = Memo::new(move |_| {
        page.overview.with(|overview| {
            let mut invitations = overview.iter().flat_map(|overview| &overview.invitations);
            invitations.find(|entry| entry.id == id).cloned()
        })
    });
    let answer = Answering::begin(page);
    let give = move |accept: bool, said: String| {
        answer.give(
            Ask::AnswerInvitation { id, accept },
            Route::Chats,
            Some(said),
        );
    };
    view! {
        <section class="sheet">
            <div class="bar"><Back /><h1>{tr("invitation-row")}</h1></div>
            {move || match entry.get() {
                None if answer.given.get() => ().into_any(),
                None => view! { <Gone /> }.into_any(),
                Some(entry) => {
                    let from = member_name(&entry.from);
                    let lead = tr_with("invitation-lead", [("name", from.into()), ("count", entry.people.into())]);
                    view! {
                        <div class="sheet-body request">
                            <span class="empty-mark"><Icon name="group" /></span>
                            <p class="lead">{lead}</p>
                            <p>{tr_with("request-when", [("when", times::whole(entry.received_at).into())])}</p>
                            <p class="hint">{tr("invitation-nothing-shown")}</p>
                            <div class="stack">
                                <button class="button wide" on:click=move |_| give(true, tr("invitation-accepted"))>{tr("accept")}</button>
                                <button class="button quiet wide" on:click=move |_| give(false, tr("invitation-declined"))>{tr("decline")}</button>
                            </div>
                            <p class="hint">{tr("invitation-choices")}</p>
                        </div>
                    }.into_any()
                }
            }}
        </section>
    }
}

//! A new conversation: my link for others, and the field for somebody else's.

use leptos::{ev, prelude::*, task::spawn_local};
use undertone_web_messages::{Answer, Ask};

use super::{
    icon::Icon,
    my_link::MyLink,
    refusal,
    to::{Back, To},
};
use crate::{bridge, route::Route, state::Page, words::tr};

/// The page.
#[component]
pub fn NewChat() -> impl IntoView {
    let page = Page::here();
    let link = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let add = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if !busy.get_untracked() {
            busy.set(true);
            spawn_local(async move {
                if let Err(sentence) = follow(page, link.get_untracked()).await {
                    let _ = error.try_set(Some(sentence));
                }
                let _ = busy.try_set(false);
            });
        }
    };
    view! {
        <section class="sheet">
            <div class="bar"><Back /><h1>{tr("new-chat")}</h1></div>
            <div class="sheet-body">
                <h2>{tr("new-theirs-title")}</h2>
                <p>{tr("new-theirs")}</p>
                <form class="stack" on:submit=add novalidate>
                    <div class="field-row">
                        <label class="field">
                            <span>{tr("contact-link")}</span>
                            <input
                                name="link"
                                inputmode="url"
                                autocomplete="off"
                                spellcheck="false"
                                placeholder="https://…/#1.…"
                                prop:value=move || link.get()
                                on:input=move |event| { error.set(None); link.set(event_target_value(&event)); }
                            />
                        </label>
                        <button class="button" type="submit" disabled=move || busy.get()>{tr("add")}</button>
                    </div>
                    <p class="error" role="alert">{move || error.get()}</p>
                </form>
                <h2>{tr("new-group")}</h2>
                <p>{tr("new-group-about")}</p>
                <To route=Route::NewGroup class="button quiet"><Icon name="group" />{tr("new-group")}</To>
                <h2>{tr("new-mine-title")}</h2>
                <p>{tr("new-mine")}</p>
                <MyLink with_reset=true />
            </div>
        </section>
    }
}

/// Follows somebody's link and shows the chat; or a sentence why not.
pub async fn follow(page: Page, link: String) -> Result<(), String> {
    match bridge::ask(Ask::AddContact { link }).await {
        Answer::Chat(chat) => {
            if let Answer::Overview(overview) = bridge::ask(Ask::Overview).await {
                page.overview.set(Some(overview));
            }
            page.go_instead(Route::Chat(chat));
            Ok(())
        }
        Answer::Refused(why) => Err(refusal::sentence(&why)),
        _ => Ok(()),
    }
}

//! The page once there is an account: chats, the conversation, and details beside it where there is room.

use leptos::prelude::*;

use super::{
    chat_list::ChatList,
    conversation::Conversation,
    details::Details,
    empty::NoChat,
    find::Find,
    icon::Icon,
    keys::Keys,
    link_prompt::LinkPrompt,
    new_chat::NewChat,
    new_group::NewGroup,
    request::{Invitation, Request},
    safety::Safety,
    settings::Settings,
    status_line::StatusLine,
    to::To,
};
use crate::{browser, route::Route, state::Page, words::tr};

/// Widths below which one column, or no third one, fills the screen; the same as in `frame.css`.
const ONE_COLUMN: &str = "(max-width: 760px)";
const NO_THIRD: &str = "(max-width: 1180px)";

/// All of it.
#[component]
pub fn Frame() -> impl IntoView {
    let page = Page::here();
    let pane = move || match page.route.get() {
        Route::Chats => "list",
        Route::Details(_) => "details",
        _ => "main",
    };
    // Details stand beside the conversation, which stays as it is.
    let middle = Memo::new(move |_| match page.route.get() {
        Route::Details(chat) => Route::Chat(chat),
        other => other,
    });
    let details = Memo::new(move |_| match page.route.get() {
        Route::Details(chat) => Some(chat),
        _ => None,
    });
    let (one_column, no_third) = (browser::matches(ONE_COLUMN), browser::matches(NO_THIRD));
    // What fills the screen is the main part of it.
    let side_role = move || {
        if one_column.get() && page.route.get() == Route::Chats {
            "main"
        } else {
            "banner"
        }
    };
    let in_settings = Signal::derive(move || matches!(page.route.get(), Route::Settings(_)));
    let at_new = Signal::derive(move || matches!(page.route.get(), Route::New | Route::NewGroup));
    view! {
        <a class="skip" href="#main" on:click=move |event| {
            event.prevent_default();
            browser::focus("#main");
        }>{tr("skip-to-main")}</a>
        <div class="frame" data-pane=pane class:with-details=move || details.get().is_some()>
            <section class="side" role=side_role>
                <div class="bar">
                    <h1 class="wordmark">"Undertone"</h1>
                    <button class="icon-button" aria-label=tr("find-open") title=tr("find-open") on:click=move |_| page.finding.set(true)>
                        <Icon name="find" />
                    </button>
                    <To route=Route::Settings(crate::route::Settings::All) class="icon-button" label=tr("settings-open") current=in_settings>
                        <Icon name="settings" />
                    </To>
                    <button
                        class="icon-button strong"
                        aria-label=tr("new-chat")
                        title=tr("new-chat")
                        aria-current=move || at_new.get().then_some("page")
                        on:click=move |_| page.go(Route::New)
                    >
                        <Icon name="new" />
                    </button>
                </div>
                <StatusLine />
                <ChatList />
            </section>
            <main id="main" class="main" tabindex="-1">
                {move || match middle.get() {
                    Route::Chats => view! { <NoChat /> }.into_any(),
                    Route::Chat(chat) | Route::Details(chat) => view! { <Conversation chat /> }.into_any(),
                    Route::Request(request) => view! { <Request request /> }.into_any(),
                    Route::Invitation(id) => view! { <Invitation id /> }.into_any(),
                    Route::New => view! { <NewChat /> }.into_any(),
                    Route::NewGroup => view! { <NewGroup /> }.into_any(),
                    Route::Safety(person) => view! { <Safety person /> }.into_any(),
                    Route::Settings(which) => view! { <Settings which /> }.into_any(),
                }}
            </main>
            {move || details.get().map(|chat| view! { <Details chat fills=no_third /> })}
        </div>
        <Find />
        <Keys />
        <LinkPrompt />
    }
}

//! A link to another screen: a real one, that can be copied and opened in another tab.

use leptos::{ev, prelude::*};

use crate::{route::Route, state::Page};

/// Leads to `route`.
#[component]
pub fn To(
    route: Route,
    #[prop(into, default = "".into())] class: String,
    #[prop(into, optional)] label: Option<String>,
    #[prop(into, default = Signal::stored(false))] current: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let page = Page::here();
    let go = move |event: ev::MouseEvent| {
        let plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        if plain {
            event.prevent_default();
            page.go(route);
        }
    };
    view! {
        <a
            href=route.path()
            class=class
            aria-label=label
            aria-current=move || current.get().then_some("page")
            on:click=go
        >
            {children()}
        </a>
    }
}

/// Leads one step back towards the list; seen where one column fills the screen.
#[component]
pub fn Back() -> impl IntoView {
    let page = Page::here();
    move || {
        let route = page.route.get().parent();
        view! {
            <To route class="icon-button back" label=crate::words::tr("go-back")>
                <super::icon::Icon name="back" />
            </To>
        }
    }
}

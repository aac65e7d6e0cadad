//! A sentence at the edge of the screen, said once to eyes and ears.

use leptos::prelude::*;

use crate::state::Page;

/// Where it stands.
#[component]
pub fn Notice() -> impl IntoView {
    let page = Page::here();
    view! {
        <div class="notice" role="status" aria-live="polite" class:shown=move || page.notice.read().is_some()>
            {move || page.notice.get()}
        </div>
    }
}

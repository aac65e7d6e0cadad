//! How the page looks.

use leptos::prelude::*;

use crate::{
    appearance::{self, SIZES, Theme},
    words::{tr, tr_with},
};

/// The page.
#[component]
pub fn Appearance() -> impl IntoView {
    let theme = RwSignal::new(Theme::kept());
    let size = RwSignal::new(appearance::size());
    let name = |theme: Theme| match theme {
        Theme::System => tr("theme-system"),
        Theme::Light => tr("theme-light"),
        Theme::Dark => tr("theme-dark"),
    };
    view! {
        <fieldset class="choices">
            <legend>{tr("theme")}</legend>
            {Theme::ALL.into_iter().map(|one| view! {
                <label class="choice">
                    <input type="radio" name="theme" prop:checked=move || theme.get() == one on:change=move |_| { one.choose(); theme.set(one); } />
                    <span>{name(one)}</span>
                </label>
            }).collect_view()}
            <p class="hint">{tr("theme-about")}</p>
        </fieldset>
        <fieldset class="choices">
            <legend>{tr("size")}</legend>
            {SIZES.into_iter().map(|one| view! {
                <label class="choice">
                    <input type="radio" name="size" prop:checked=move || size.get() == one on:change=move |_| { appearance::choose_size(one); size.set(one); } />
                    <span>{tr_with("size-percent", [("percent", one.into())])}</span>
                </label>
            }).collect_view()}
            <p class="hint">{tr("size-about")}</p>
        </fieldset>
    }
}

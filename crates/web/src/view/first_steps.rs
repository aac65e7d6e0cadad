//! What stands at the beginning of the conversation with oneself: how things work, by example.

use leptos::prelude::*;
use undertone_web_messages::Mark;

use super::{bubble::MarkIcon, my_link::MyLink, to::To};
use crate::{route::Route, words::tr};

/// The examples.
#[component]
pub fn FirstSteps() -> impl IntoView {
    let mark = |mark: Mark, text: String| view! { <li><MarkIcon mark /><span>{text}</span></li> };
    view! {
        <section class="first-steps" aria-label=tr("steps-title")>
            <h2>{tr("steps-title")}</h2>
            <p>{tr("steps-notes")}</p>
            <div class="example bubble-row own first last" aria-hidden="true">
                <div class="bubble"><p class="text">{tr("steps-example")}</p></div>
            </div>
            <p>{tr("steps-marks")}</p>
            <ul class="mark-legend">
                {mark(Mark::Queued, tr("steps-queued"))}
                {mark(Mark::Sent, tr("steps-sent"))}
                {mark(Mark::Delivered, tr("steps-delivered"))}
                {mark(Mark::Read, tr("steps-read"))}
            </ul>
            <h2>{tr("steps-link-title")}</h2>
            <p>{tr("steps-link")}</p>
            <MyLink />
            <p>{tr("steps-next")}" "<To route=Route::New class="text-button">{tr("steps-next-action")}</To></p>
        </section>
    }
}

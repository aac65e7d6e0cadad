//! A link as a picture that a camera reads.

use leptos::prelude::*;

use crate::qr;

/// The picture; nothing if the text is too long for one.
#[component]
pub fn QrCode(text: String, label: String) -> impl IntoView {
    qr::draw(&text).map(|drawing| {
        view! {
            <svg class="qr" role="img" aria-label=label viewBox=format!("0 0 {0} {0}", drawing.side) shape-rendering="crispEdges">
                <path d=drawing.path />
            </svg>
        }
    })
}

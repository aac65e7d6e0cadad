//! A question or a tool above the page: keeps the focus within, ends with Escape, gives the focus back.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// A modal dialog that is open as long as it is there.
#[component]
pub fn Dialog(
    label: String,
    #[prop(into, default = "".into())] class: String,
    on_close: Callback<()>,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let before = StoredValue::new_local(document().active_element());
    on_cleanup(move || {
        // A dialog that is taken out of the document while it is open gives nothing back by itself.
        let before = before.try_with_value(Clone::clone).flatten();
        if let Some(Ok(element)) = before.map(JsCast::dyn_into::<web_sys::HtmlElement>) {
            request_animation_frame(move || {
                let nowhere = document()
                    .active_element()
                    .is_none_or(|now| now.tag_name() == "BODY");
                if nowhere {
                    let _ = element.focus();
                }
            });
        }
    });
    Effect::new(move |_| {
        if let Some(dialog) = node.get()
            && !dialog.open()
        {
            // Fails only for a dialog that is not in the document.
            let _ = dialog.show_modal();
        }
    });
    let cancel = move |event: ev::Event| {
        event.prevent_default();
        on_close.run(());
    };
    // A click beside the dialog falls on the dialog itself, not on what is in it.
    let beside = move |event: ev::MouseEvent| {
        let on_backdrop = match (event.target(), node.get_untracked()) {
            (Some(target), Some(dialog)) => target == web_sys::EventTarget::from((*dialog).clone()),
            _ => false,
        };
        if on_backdrop {
            on_close.run(());
        }
    };
    view! {
        <dialog node_ref=node class=format!("dialog {class}") aria-label=label on:cancel=cancel on:click=beside>
            <div class="dialog-body">{children()}</div>
        </dialog>
    }
}

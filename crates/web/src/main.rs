//! The page: shows what the Worker tells, and asks it what the user wants. It holds no key and knows no protocol.

#[cfg(target_family = "wasm")]
fn main() {
    use leptos::prelude::*;
    mount_to_body(|| view! { <p>"Undertone"</p> });
}

/// The page runs in a browser only; the workspace builds natively too.
#[cfg(not(target_family = "wasm"))]
fn main() {}

//! The browser's own things, in one line each.

use js_sys::{Array, Reflect};
use leptos::prelude::{ReadSignal, Set as _, document, signal, window};
use wasm_bindgen::{JsCast as _, JsValue};

/// `https://host[:port]` of this page.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// The path of the address.
pub fn path() -> String {
    window().location().pathname().unwrap_or_default()
}

/// What stands after `#` in the address, with the `#`.
pub fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// Puts another address into the bar, as a new step of the history or in place of this one.
pub fn set_address(path: &str, replace: bool) {
    let Ok(history) = window().history() else {
        return;
    };
    let null = wasm_bindgen::JsValue::NULL;
    // A browser refuses only addresses of other origins.
    let _ = if replace {
        history.replace_state_with_url(&null, "", Some(path))
    } else {
        history.push_state_with_url(&null, "", Some(path))
    };
}

/// What `<meta name=…>` says.
pub fn meta(name: &str) -> Option<String> {
    let element = document()
        .query_selector(&format!("meta[name={name}]"))
        .ok()
        .flatten()?;
    Some(
        element
            .unchecked_into::<web_sys::HtmlMetaElement>()
            .content(),
    )
}

/// Keeps a choice about the look in this browser; nothing else is ever kept this way.
pub fn keep(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // A full or forbidden storage forgets the choice at the next start, nothing more.
        let _ = storage.set_item(name, value);
    }
}

/// What was kept.
pub fn kept(name: &str) -> Option<String> {
    window()
        .local_storage()
        .ok()
        .flatten()?
        .get_item(name)
        .ok()
        .flatten()
}

/// Sets an attribute of the whole document.
pub fn set_root_attribute(name: &str, value: &str) {
    if let Some(root) = document().document_element() {
        // Fails only for names that are none.
        let _ = root.set_attribute(name, value);
    }
}

/// Whether somebody can see the page now and works with it.
pub fn is_attended() -> bool {
    let document = document();
    document.visibility_state() == web_sys::VisibilityState::Visible
        && document.has_focus().unwrap_or(false)
}

/// Moves the focus to the first element that fits; tells whether there is one.
pub fn focus(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    match found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        Some(element) => element.focus().is_ok(),
        None => false,
    }
}

/// Whether there is an element that fits.
pub fn is_there(selector: &str) -> bool {
    document()
        .query_selector(selector)
        .is_ok_and(|found| found.is_some())
}

/// Whether a finger, rather than a mouse, points here.
pub fn is_touch() -> bool {
    window()
        .match_media("(pointer: coarse)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches())
}

/// Whether a media query holds, followed for as long as the page lives.
pub fn matches(query: &str) -> ReadSignal<bool> {
    let list = window().match_media(query).ok().flatten();
    let (holds, set) = signal(list.as_ref().is_some_and(web_sys::MediaQueryList::matches));
    if let Some(list) = list {
        let followed = list.clone();
        on_event(&list, "change", move |_| set.set(followed.matches()));
    }
    holds
}

/// Random bytes.
pub fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).ok().map(|()| bytes)
}

/// What this browser says that it is: its brands, where it names them, and its old long name.
pub fn agent() -> String {
    let navigator = window().navigator();
    let get = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok();
    let brands = get(&navigator, "userAgentData").and_then(|data| get(&data, "brands"));
    let mut agent = String::new();
    for brand in Array::from(&brands.unwrap_or_default()).iter() {
        if let Some(name) = get(&brand, "brand").and_then(|name| name.as_string()) {
            agent.push_str(&name);
            agent.push(' ');
        }
    }
    agent + &navigator.user_agent().unwrap_or_default()
}

/// Milliseconds since 1970.
pub fn now() -> u64 {
    // A clock before 1970 is taken as 1970.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let now = js_sys::Date::now().max(0.0) as u64;
    now
}

/// Calls back when the event happens, for as long as the page lives.
pub fn on_event(
    target: &web_sys::EventTarget,
    name: &str,
    handler: impl FnMut(web_sys::Event) + 'static,
) {
    let closure = wasm_bindgen::closure::Closure::<dyn FnMut(web_sys::Event)>::new(handler);
    // Fails never for an event target.
    let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    closure.forget();
}

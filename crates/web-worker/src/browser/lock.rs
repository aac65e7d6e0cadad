//! The lock that elects the leading tab. A Worker keeps it until it ends.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};

use super::scope::scope;

const NAME: &str = "undertone/leader";

/// Calls `granted` once this Worker leads.
///
/// # Errors
/// Those of a browser without such locks.
pub fn when_granted(granted: impl FnOnce() + 'static) -> Result<(), JsValue> {
    let callback = Closure::once_into_js(move || {
        granted();
        // Never fulfilled: the lock is held for as long as this Worker lives.
        Promise::new(&mut |_, _| {})
    });
    let locks = Reflect::get(&scope().navigator(), &"locks".into())?;
    let request: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
    request.call2(&locks, &NAME.into(), &callback)?;
    Ok(())
}

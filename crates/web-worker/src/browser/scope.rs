//! What a Worker has for itself: the clock, timers, and where it came from.

use js_sys::{Function, Promise};
use undertone_wire::time::Timestamp;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::DedicatedWorkerGlobalScope;

/// The Worker itself.
pub fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Now, by the device's clock; a clock before 1970 counts as 1970.
pub fn now() -> Timestamp {
    // Whole, and less than 2^53 for the next 280,000 years; a float that is too small becomes 0.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Timestamp(js_sys::Date::now() as u64)
}

/// The address of the server that the page came from.
pub fn origin() -> String {
    scope().location().origin()
}

/// Calls `callback` once after so many milliseconds, unless [`clear_timeout`] is called before.
pub fn set_timeout(callback: &Function, ms: u64) -> Option<i32> {
    let ms = i32::try_from(ms).unwrap_or(i32::MAX);
    scope()
        .set_timeout_with_callback_and_timeout_and_arguments_0(callback, ms)
        .ok()
}

/// Takes a timeout back.
pub fn clear_timeout(timeout: i32) {
    scope().clear_timeout_with_handle(timeout);
}

/// Waits for so many milliseconds.
pub async fn sleep(ms: u64) -> Result<JsValue, JsValue> {
    let after = Promise::new(&mut |resolve, _| {
        set_timeout(&resolve, ms);
    });
    JsFuture::from(after).await
}

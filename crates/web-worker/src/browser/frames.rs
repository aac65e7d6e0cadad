//! Messages to the page and to other tabs are bytes.

use js_sys::{Array, Uint8Array};
use serde::{Serialize, de::DeserializeOwned};
use undertone_web_messages::{FromWorker, decode, encode};
use wasm_bindgen::JsCast as _;
use web_sys::{BroadcastChannel, MessageEvent};

use super::scope::scope;

/// Tells the page something.
pub fn post_to_page(message: &FromWorker) {
    let Some(bytes) = write(message) else { return };
    // Handed over rather than copied. A page that is going away needs nothing any more.
    let _ = scope().post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
}

/// Tells other tabs something.
pub fn post_to_channel(channel: &BroadcastChannel, message: &impl Serialize) {
    if let Some(bytes) = write(message) {
        let _ = channel.post_message(&bytes);
    }
}

/// Reads a message; what is not of this release is passed over.
pub fn read<T: DeserializeOwned>(event: &MessageEvent) -> Option<T> {
    let bytes = event.data().dyn_into::<Uint8Array>().ok()?;
    decode(&bytes.to_vec()).ok()
}

fn write(message: &impl Serialize) -> Option<Uint8Array> {
    Some(Uint8Array::from(encode(message).ok()?.as_slice()))
}

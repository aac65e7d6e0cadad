//! Numbers and sizes as the user's language writes them, by the browser's own knowledge of it.

use js_sys::{Array, Intl, Object, Reflect};
use wasm_bindgen::JsValue;

const KILOBYTE: u64 = 1_000;
const MEGABYTE: u64 = 1_000_000;

#[allow(clippy::cast_precision_loss)]
fn formatted(number: u64, unit: u64, options: &[(&str, JsValue)]) -> String {
    let wanted = Object::new();
    for (name, value) in options {
        // A plain object takes any property.
        let _ = Reflect::set(&wanted, &JsValue::from_str(name), value);
    }
    let formatter = Intl::NumberFormat::new(&Array::new(), &wanted);
    let number = JsValue::from_f64(number as f64 / unit as f64);
    formatter
        .format()
        .call1(&JsValue::NULL, &number)
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

/// A number, in groups of digits.
pub fn grouped(number: u64) -> String {
    formatted(number, 1, &[])
}

/// So many bytes.
pub fn size(bytes: u64) -> String {
    let (unit, name) = if bytes < MEGABYTE {
        (KILOBYTE, "kilobyte")
    } else {
        (MEGABYTE, "megabyte")
    };
    let options = [
        ("style", "unit".into()),
        ("unit", name.into()),
        ("maximumFractionDigits", JsValue::from_f64(1.0)),
    ];
    formatted(bytes, unit, &options)
}

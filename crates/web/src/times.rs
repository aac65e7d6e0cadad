//! Times and days in the words and the time zone of the user, by the browser's own knowledge of them.

use std::{cell::RefCell, collections::BTreeMap};

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use undertone_web_messages::ChatEntry;
use wasm_bindgen::JsValue;

use crate::{browser, words::tr};

/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

fn date(at: u64) -> Date {
    #[allow(clippy::cast_precision_loss)]
    Date::new(&JsValue::from_f64(at as f64))
}

/// Options of a formatter.
type Options = &'static [(&'static str, &'static str)];

thread_local! {
    /// Making a formatter takes longer than using it a hundred times.
    static FORMATS: RefCell<BTreeMap<Options, Function>> = const { RefCell::new(BTreeMap::new()) };
}

fn format(options: Options) -> Function {
    let make = || {
        let wanted = Object::new();
        for (name, value) in options {
            // A plain object takes any property.
            let _ = Reflect::set(&wanted, &JsValue::from_str(name), &JsValue::from_str(value));
        }
        Intl::DateTimeFormat::new(&Array::new(), &wanted).format()
    };
    FORMATS.with_borrow_mut(|formats| formats.entry(options).or_insert_with(make).clone())
}

fn formatted(at: u64, options: Options) -> String {
    format(options)
        .call1(&JsValue::NULL, &date(at))
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

/// Numbers the day of a time in the user's time zone.
pub fn day(at: u64) -> i64 {
    #[allow(clippy::cast_possible_truncation)]
    let offset = date(at).get_timezone_offset() as i64 * 60_000;
    (at.cast_signed() - offset).div_euclid(DAY)
}

/// The time of day.
pub fn clock(at: u64) -> String {
    formatted(at, &[("hour", "numeric"), ("minute", "2-digit")])
}

/// The day, as short as it can be told from now.
pub fn day_name(at: u64) -> String {
    match day(browser::now()) - day(at) {
        0 => tr("day-today"),
        1 => tr("day-yesterday"),
        2..=6 => formatted(at, &[("weekday", "long")]),
        _ => formatted(
            at,
            &[("day", "numeric"), ("month", "long"), ("year", "numeric")],
        ),
    }
}

/// For the list: the time today, else the day.
pub fn short(at: u64) -> String {
    match day(browser::now()) - day(at) {
        ..=0 => clock(at),
        1 => tr("day-yesterday"),
        2..=6 => formatted(at, &[("weekday", "short")]),
        _ => formatted(
            at,
            &[
                ("day", "numeric"),
                ("month", "numeric"),
                ("year", "2-digit"),
            ],
        ),
    }
}

/// The day, whole.
pub fn whole_day(at: u64) -> String {
    formatted(at, &[("dateStyle", "long")])
}

/// A day that is told as such: the same everywhere.
pub fn calendar_day(at: u64) -> String {
    formatted(at, &[("dateStyle", "long"), ("timeZone", "UTC")])
}

/// Whether such a day is the present one.
pub fn is_today(at: u64) -> bool {
    const DAY: u64 = 86_400_000;
    at / DAY == browser::now() / DAY
}

/// Day and time, whole.
pub fn whole(at: u64) -> String {
    formatted(at, &[("dateStyle", "long"), ("timeStyle", "short")])
}

/// When a chat last had something to show.
pub fn last_of(chat: &ChatEntry) -> String {
    short(chat.last.as_ref().map_or(chat.last_at, |last| last.sent_at))
}

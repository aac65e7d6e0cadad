//! A timer that rings once for each time that it is set.

use std::rc::Rc;

use wasm_bindgen::{JsCast as _, closure::Closure};

use super::scope::{clear_timeout, set_timeout};

/// The timer.
pub struct Alarm {
    ring: Closure<dyn FnMut()>,
    timeout: Option<i32>,
}

impl Alarm {
    /// Calls `ring` whenever it rings.
    pub fn new(ring: Rc<dyn Fn()>) -> Self {
        Self {
            ring: Closure::new(move || ring()),
            timeout: None,
        }
    }

    /// Rings after so many milliseconds, and not when it was set to before.
    pub fn set(&mut self, ms: u64) {
        self.stop();
        self.timeout = set_timeout(self.ring.as_ref().unchecked_ref(), ms);
    }

    /// Rings after so many milliseconds, unless it rings before.
    pub fn set_if_silent(&mut self, ms: u64) {
        if self.timeout.is_none() {
            self.set(ms);
        }
    }

    /// To be called when it rang.
    pub fn rang(&mut self) {
        self.timeout = None;
    }

    /// Does not ring.
    pub fn stop(&mut self) {
        self.timeout.take().into_iter().for_each(clear_timeout);
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.stop();
    }
}

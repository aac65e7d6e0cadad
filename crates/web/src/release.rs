//! The release that this browser keeps: its hash, and the newer one that waits to be asked for.

use js_sys::{Object, Reflect};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    MessageEvent, RegistrationOptions, ServiceWorkerRegistration, ServiceWorkerUpdateViaCache,
};

use crate::browser;

/// What is known of releases. Copies are the same.
#[derive(Clone, Copy)]
pub struct Releases {
    /// The hash of the release that is kept here, in hexadecimal digits.
    pub kept: RwSignal<Option<String>>,
    /// Whether a newer one waits.
    pub waiting: RwSignal<bool>,
}

impl Releases {
    /// Registers the service worker, which keeps the release, and listens to it.
    pub fn follow() -> Self {
        let releases = Self {
            kept: RwSignal::new(None),
            waiting: RwSignal::new(false),
        };
        let workers = window().navigator().service_worker();
        if !JsValue::from(workers.clone()).is_object() {
            return releases;
        }
        browser::on_event(&workers, "message", move |event| {
            let data = event.unchecked_into::<MessageEvent>().data();
            if let Some(hash) = text_of(&data, "release") {
                releases.kept.set(Some(hash));
            }
        });
        let was_controlled = workers.controller().is_some();
        browser::on_event(&workers, "controllerchange", move |_| {
            if was_controlled {
                // Another release is in charge: page and Worker must be of it too.
                let _ = window().location().reload();
            } else {
                ask_release();
            }
        });
        spawn_local(async move {
            let options = RegistrationOptions::new();
            options.set_update_via_cache(ServiceWorkerUpdateViaCache::None);
            let registering = workers.register_with_options("/sw.js", &options);
            // Without it the page works from the server alone; the settings say so.
            let Ok(registration) = JsFuture::from(registering).await else {
                return;
            };
            let registration: ServiceWorkerRegistration = registration.unchecked_into();
            releases.look(&registration);
            let watched = registration.clone();
            browser::on_event(&registration, "updatefound", move |_| {
                let again = watched.clone();
                if let Some(installing) = watched.installing() {
                    browser::on_event(&installing, "statechange", move |_| releases.look(&again));
                }
            });
            ask_release();
        });
        releases
    }

    fn look(self, registration: &ServiceWorkerRegistration) {
        let newer = registration.waiting().is_some() && registration.active().is_some();
        self.waiting.set(newer);
    }

    /// Takes the newer release; the page is loaded anew.
    pub fn take(self) {
        spawn_local(async move {
            let workers = window().navigator().service_worker();
            let Ok(registration) = JsFuture::from(workers.get_registration()).await else {
                return;
            };
            if let Ok(registration) = registration.dyn_into::<ServiceWorkerRegistration>()
                && let Some(waiting) = registration.waiting()
            {
                let _ = waiting.post_message(&message("update"));
            }
        });
    }
}

fn ask_release() {
    if let Some(controller) = window().navigator().service_worker().controller() {
        let _ = controller.post_message(&message("release"));
    }
}

fn message(kind: &str) -> JsValue {
    let object = Object::new();
    // A plain object takes any property.
    let _ = Reflect::set(
        &object,
        &JsValue::from_str("type"),
        &JsValue::from_str(kind),
    );
    object.into()
}

fn text_of(data: &JsValue, name: &str) -> Option<String> {
    Reflect::get(data, &JsValue::from_str(name))
        .ok()?
        .as_string()
}

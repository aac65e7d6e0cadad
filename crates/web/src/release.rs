//! The release that this browser keeps: its hash, the newer one that waits to be asked for, and whether the server
//! offers one that is not in order (`docs/protocol/release.md`).

use js_sys::{Object, Reflect};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, RegistrationOptions, ServiceWorkerUpdateViaCache};

use crate::browser;

/// What is known of releases. Copies are the same.
#[derive(Clone, Copy)]
pub struct Releases {
    /// The hash of the release that is kept here, in hexadecimal digits.
    pub kept: RwSignal<Option<String>>,
    /// The hash of a newer one that waits.
    pub waiting: RwSignal<Option<String>>,
    /// Whether the server offers a release that is not signed as it must be, or not whole.
    pub refused: RwSignal<bool>,
}

impl Releases {
    /// Registers the service worker, which keeps the release, and listens to it.
    pub fn follow() -> Self {
        let releases = Self {
            kept: RwSignal::new(None),
            waiting: RwSignal::new(None),
            refused: RwSignal::new(false),
        };
        let workers = window().navigator().service_worker();
        if !JsValue::from(workers.clone()).is_object() {
            return releases;
        }
        browser::on_event(&workers, "message", move |event| {
            releases.hear(&event.unchecked_into::<MessageEvent>().data());
        });
        browser::on_event(&workers, "controllerchange", |_| tell_worker("release"));
        spawn_local(async move {
            let options = RegistrationOptions::new();
            options.set_update_via_cache(ServiceWorkerUpdateViaCache::None);
            let registering = workers.register_with_options("/sw.js", &options);
            // Without it the page works from the server alone; the settings say so.
            if JsFuture::from(registering).await.is_ok() {
                tell_worker("release");
            }
        });
        releases
    }

    /// Takes the newer release; the page is then loaded anew.
    pub fn take(self) {
        tell_worker("update");
    }

    fn hear(self, said: &JsValue) {
        let text = |name: &str| Reflect::get(said, &name.into()).ok()?.as_string();
        match text("type").as_deref() {
            Some("release") => {
                self.kept.set(text("release"));
                self.waiting.set(text("waiting"));
                let refused = Reflect::get(said, &"refused".into()).ok();
                self.refused
                    .set(refused.is_some_and(|refused| refused.is_truthy()));
            }
            Some("updated") => {
                // Page and Worker have to be of the release that is in charge now.
                let _ = window().location().reload();
            }
            _ => {}
        }
    }
}

fn tell_worker(what: &str) {
    let Some(worker) = window().navigator().service_worker().controller() else {
        return;
    };
    let message = Object::new();
    // A plain object takes any property, and can be posted.
    let _ = Reflect::set(&message, &"type".into(), &what.into());
    let _ = worker.post_message(&message);
}

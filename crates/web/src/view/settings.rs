//! Settings: pages of sentences. Each control says what it is, how it stands, and what it does.

mod about;
mod appearance;
mod device;
mod device_questions;
mod devices;
mod profile;
mod transfers;

use leptos::prelude::*;

use super::{
    icon::Icon,
    to::{Back, To},
};
use crate::{
    route::{Route, Settings as Which},
    state::Page,
    words::tr,
};

/// All pages of it.
#[component]
pub fn Settings(which: Which) -> impl IntoView {
    let title = match which {
        Which::All => tr("settings"),
        Which::Profile => tr("settings-profile"),
        Which::Appearance => tr("settings-appearance"),
        Which::Devices => tr("settings-devices"),
        Which::Device => tr("settings-device"),
        Which::About => tr("settings-about"),
    };
    view! {
        <section class="sheet settings" role="region" aria-label=tr("settings")>
            <div class="bar"><Back /><h1>{title}</h1></div>
            <div class="sheet-body">
                {match which {
                    Which::All => view! { <All /> }.into_any(),
                    Which::Profile => view! { <profile::Profile /> }.into_any(),
                    Which::Appearance => view! { <appearance::Appearance /> }.into_any(),
                    Which::Devices => view! { <devices::Devices /> }.into_any(),
                    Which::Device => view! { <device::Device /> }.into_any(),
                    Which::About => view! { <about::About /> }.into_any(),
                }}
            </div>
        </section>
    }
}

#[component]
fn All() -> impl IntoView {
    let page = Page::here();
    let name = page
        .account()
        .map(|account| account.name)
        .unwrap_or_default();
    let rows = [
        (Which::Profile, "user", tr("settings-profile"), name),
        (
            Which::Appearance,
            "look",
            tr("settings-appearance"),
            tr("settings-appearance-about"),
        ),
        (
            Which::Devices,
            "device",
            tr("settings-devices"),
            tr("settings-devices-about"),
        ),
        (
            Which::Device,
            "lock",
            tr("settings-device"),
            tr("settings-device-about"),
        ),
        (
            Which::About,
            "details",
            tr("settings-about"),
            tr("settings-about-about"),
        ),
    ];
    view! {
        <ul class="settings-list" role="list">
            {rows.into_iter().map(|(which, icon, name, about)| view! {
                <li>
                    <To route=Route::Settings(which) class="settings-row">
                        <Icon name=icon />
                        <span class="settings-name">{name}</span>
                        <span class="settings-about">{about}</span>
                        <Icon name="forward" />
                    </To>
                </li>
            }).collect_view()}
        </ul>
    }
}

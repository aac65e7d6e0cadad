//! How the page looks: light or dark, and how large; kept in this browser. The language of tests too.

use leptos::prelude::window;

use crate::{
    browser,
    words::{self, Locale},
};

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// As it is kept.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one that is kept.
    pub fn kept() -> Self {
        let kept = browser::kept("theme");
        Self::ALL
            .into_iter()
            .find(|theme| Some(theme.name()) == kept.as_deref())
            .unwrap_or(Self::System)
    }

    /// Chooses and keeps it.
    pub fn choose(self) {
        browser::keep("theme", self.name());
        browser::set_root_attribute("data-theme", self.name());
    }
}

/// Sizes of text, in percent.
pub const SIZES: [u32; 5] = [100, 115, 130, 150, 200];

/// The size that is kept.
pub fn size() -> u32 {
    let kept = browser::kept("size").and_then(|size| size.parse().ok());
    kept.filter(|size| SIZES.contains(size)).unwrap_or(100)
}

/// Chooses and keeps a size.
pub fn choose_size(size: u32) {
    browser::keep("size", &size.to_string());
    browser::set_root_attribute("data-size", &size.to_string());
}

/// Brings back what was chosen.
pub fn restore() {
    browser::set_root_attribute("data-theme", Theme::kept().name());
    browser::set_root_attribute("data-size", &size().to_string());
    let query = window().location().search().unwrap_or_default();
    let asked = query.strip_prefix("?language=").map(str::to_owned);
    if let Some(tag) = &asked {
        browser::keep("language", tag);
    }
    let locale = Locale::of_tag(
        &asked
            .or_else(|| browser::kept("language"))
            .unwrap_or_default(),
    );
    words::choose(locale);
    browser::set_root_attribute("lang", locale.tag());
    browser::set_root_attribute("dir", locale.direction());
}

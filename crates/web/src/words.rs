//! Every text that the user reads, by Fluent; with two pseudo-languages that show what would break in others.

use std::{borrow::Cow, cell::RefCell};

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

const ENGLISH: &str = include_str!("../locales/en.ftl");

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    /// English.
    #[default]
    English,
    /// English with long words and accents, to find what does not fit.
    Long,
    /// English from right to left, to find what is not mirrored.
    RightToLeft,
}

impl Locale {
    /// By the tag that stands in the address or the settings.
    pub fn of_tag(tag: &str) -> Self {
        match tag {
            "en-XA" => Self::Long,
            "ar-XB" => Self::RightToLeft,
            _ => Self::English,
        }
    }

    /// The tag for the document's `lang`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Long => "en-XA",
            Self::RightToLeft => "ar-XB",
        }
    }

    /// The direction for the document's `dir`.
    pub fn direction(self) -> &'static str {
        match self {
            Self::English | Self::Long => "ltr",
            Self::RightToLeft => "rtl",
        }
    }

    /// Whose plurals hold.
    fn language(self) -> LanguageIdentifier {
        "en".parse().unwrap_or_default()
    }
}

type Bundle = FluentBundle<FluentResource>;

thread_local! {
    static BUNDLE: RefCell<Option<Bundle>> = const { RefCell::new(None) };
}

fn bundle(locale: Locale) -> Bundle {
    let mut bundle = FluentBundle::new(vec![locale.language()]);
    // What cannot be read is left out; a test reads the whole file.
    let resource = match FluentResource::try_new(ENGLISH.to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    bundle.add_resource_overriding(resource);
    match locale {
        Locale::English => {}
        Locale::Long => bundle.set_transform(Some(lengthen)),
        Locale::RightToLeft => bundle.set_transform(Some(turn_around)),
    }
    bundle
}

/// Chooses the language of all texts that are made from now on.
pub fn choose(locale: Locale) {
    BUNDLE.with_borrow_mut(|slot| *slot = Some(bundle(locale)));
}

/// The text of that name.
pub fn tr(id: &str) -> String {
    say(id, None)
}

/// The text of that name, with values for what it leaves open.
pub fn tr_with<'a>(
    id: &str,
    values: impl IntoIterator<Item = (&'a str, FluentValue<'a>)>,
) -> String {
    let mut args = FluentArgs::new();
    for (name, value) in values {
        args.set(name, value);
    }
    say(id, Some(&args))
}

fn say(id: &str, args: Option<&FluentArgs<'_>>) -> String {
    BUNDLE.with_borrow_mut(|slot| {
        let bundle = slot.get_or_insert_with(|| bundle(Locale::default()));
        let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut errors = Vec::new();
        bundle
            .format_pattern(pattern, args, &mut errors)
            .into_owned()
    })
}

/// A text without marks of direction: what is kept as somebody's name has none.
pub fn plain(text: &str) -> String {
    let is_mark = |c: &char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| !is_mark(c)).collect()
}

/// Accents, and a third more of it.
fn lengthen(text: &str) -> Cow<'_, str> {
    let mut longer = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match c {
            'a' => longer.push_str("áá"),
            'e' => longer.push_str("éé"),
            'o' => longer.push_str("öö"),
            'u' => longer.push('ü'),
            'i' => longer.push('ï'),
            'A' => longer.push('Å'),
            'E' => longer.push('É'),
            'O' => longer.push('Ø'),
            'n' => longer.push('ñ'),
            's' => longer.push('š'),
            other => longer.push(other),
        }
    }
    longer.into()
}

/// As if it were written from right to left.
fn turn_around(text: &str) -> Cow<'_, str> {
    text.split_inclusive('\n')
        .map(|line| {
            let (line, end) = line
                .strip_suffix('\n')
                .map_or((line, ""), |line| (line, "\n"));
            format!("\u{202e}{line}\u{202c}{end}")
        })
        .collect::<String>()
        .into()
}

#[cfg(test)]
mod tests;

//! What this browser is called among one's devices until it is called something else: its family and its system.

use crate::words::{plain, tr, tr_with};

/// Signs of families. The order matters: many say also what those after them say.
const FAMILIES: [(&str, &str); 12] = [
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi", "Vivaldi"),
    ("Brave", "Brave"),
    ("CriOS/", "Chrome"),
    ("Google Chrome", "Chrome"),
    ("Chromium", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Signs of systems, in the same way.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// The name, by what the browser says of itself.
#[cfg(target_family = "wasm")]
pub fn device_name() -> String {
    named(&crate::browser::agent())
}

fn named(agent: &str) -> String {
    let first = |known: &[(&str, &'static str)]| {
        let found = known.iter().find(|(sign, _)| agent.contains(sign));
        found.map(|(_, name)| *name)
    };
    match (first(&FAMILIES), first(&SYSTEMS)) {
        (Some(family), Some(system)) => {
            let names = [("browser", family.into()), ("system", system.into())];
            // It is kept as a name, and a name has no marks of direction in it.
            plain(&tr_with("browser-on", names))
        }
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => plain(&tr("browser-unknown")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_browsers_are_known() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        for (agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (chrome, "Chrome on Linux"),
            (
                &format!("Chromium Not=A?Brand {chrome}"),
                "Chromium on Linux",
            ),
            (
                &format!("Chromium Google Chrome Not=A?Brand {chrome}"),
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("", "Browser"),
        ] {
            assert_eq!(named(agent), name);
        }
    }
}

//! The Worker of the browser: holds the engine of the leading tab, or passes on to the tab that does.

#[cfg(target_family = "wasm")]
mod browser;

fn main() {
    #[cfg(target_family = "wasm")]
    browser::start();
}

//! The Worker of the browser: holds the engine of the leading tab, or passes on to the tab that does.

fn main() {}

// Before the first paint: light or dark and the size of text as they were chosen here (crates/web/src/appearance.rs).
try {
  const root = document.documentElement;
  for (const name of ["theme", "size"]) {
    const kept = localStorage.getItem(name);
    if (kept !== null) root.setAttribute(`data-${name}`, kept);
  }
} catch {
  // A browser that forbids storage shows the page as the system has it.
}

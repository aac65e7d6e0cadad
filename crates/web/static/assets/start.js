// Starts the page.
import init from "/assets/page.js";

await init({ module_or_path: "/assets/page.wasm" });

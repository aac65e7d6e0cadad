// Starts the Worker, which holds the engine.
//
// The page speaks to it at once, and what arrives before somebody listens would be lost: it is kept, and given on.
import init from "/assets/engine.js";

const early = [];
const keep = (event) => early.push(event);
self.addEventListener("message", keep);
await init({ module_or_path: "/assets/engine.wasm" });
self.removeEventListener("message", keep);
for (const { data, ports } of early) {
  self.dispatchEvent(new MessageEvent("message", { data, ports: [...ports] }));
}

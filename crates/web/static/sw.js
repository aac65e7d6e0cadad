// Keeps one whole release of the client in the browser and serves it from there alone.
//
// A release is kept only if its manifest is signed by the key that came with this worker and every file has the hash
// that the manifest says. A newer one goes the same way, and then waits until the user wants it: nothing here switches
// by itself. docs/protocol/release.md says what the page and this worker say to each other, and what all of this can
// and cannot prevent.
"use strict";

const RELEASE_KEY = "{{release key}}";
const FORMAT = "undertone/1 release";

// The cache with this name and a release's hash holds that release.
const RELEASE = "undertone release ";
// What is known of releases: the hash of the one that is `pinned`, of the one that is `waiting`, and the `key`.
const STATE = "undertone state";

// What is kept of a response beside its content. Nothing else that a server may say has an effect later.
const HEADERS = [
  "content-type",
  "content-security-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "permissions-policy",
  "referrer-policy",
  "x-content-type-options",
];

// What is always asked of the server.
const OF_THE_SERVER = /^\/(v1\/.*|healthz|sw\.js|release\.json|release\.sig)$/;

// What the server offers is not what it should be.
class Refused extends Error {}

// Whether the last release that the server offered was refused.
let refused = false;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  const { type } = event.data ?? {};
  if (type === "release") event.waitUntil(tell([event.source]));
  if (type === "check") event.waitUntil(look().then(() => tell([event.source])));
  if (type === "update") event.waitUntil(update());
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, protocol } = new URL(request.url);
  if (!protocol.startsWith("http")) return;
  if (origin !== self.location.origin) {
    // The client asks nobody but its own server.
    event.respondWith(Response.error());
  } else if (!OF_THE_SERVER.test(pathname)) {
    event.respondWith(serve(request, pathname));
    if (request.mode === "navigate") event.waitUntil(look());
  }
});

// Fails, and the browser forgets this worker, unless the server's release can be checked and is in order.
async function install() {
  const key = await noted("key");
  // Whoever signs releases may not change behind the back of a worker that is there.
  if (key !== undefined && key !== RELEASE_KEY) throw new Refused("another release key");
  await alone(prepare);
  await note("key", RELEASE_KEY);
}

// Looks whether the server has a newer release; without a network, or if it is not in order, all stays as it is.
async function look() {
  try {
    if (await alone(prepare)) await tell(await pages());
  } catch (error) {
    if (!(error instanceof Refused)) return;
    refused = true;
    await tell(await pages());
  }
}

// Puts the release that waits in charge, which the user asked for.
async function update() {
  const switched = await alone(async () => {
    const waiting = await kept("waiting");
    if (waiting === undefined) return false;
    await note("pinned", waiting);
    await note("waiting", undefined);
    await tidy();
    return true;
  });
  // There may be a newer worker as well.
  self.registration.waiting?.postMessage({ type: "update" });
  await self.skipWaiting();
  if (switched) for (const page of await pages()) page.postMessage({ type: "updated" });
}

// Fetches the server's release and checks it to the last byte; tells whether it is one that was not here before.
async function prepare() {
  const [manifest, signature] = await Promise.all([content("release.json"), content("release.sig")]);
  if (!(await isSigned(manifest.bytes, signature.bytes))) throw new Refused("the signature is wrong");
  const hash = await sha256(manifest.bytes);
  const { format, files } = JSON.parse(new TextDecoder().decode(manifest.bytes));
  if (format !== FORMAT) throw new Refused("a release of another kind");
  refused = false;
  const [pinned, waiting] = [await kept("pinned"), await kept("waiting")];
  if (hash === waiting) return false;
  if (hash === pinned) {
    // The server went back to it.
    await note("waiting", undefined);
    await tidy();
    return waiting !== undefined;
  }
  const name = RELEASE + hash;
  await caches.delete(name);
  const cache = await caches.open(name);
  await Promise.all(files.map((file) => put(cache, file)));
  await note(pinned === undefined ? "pinned" : "waiting", hash);
  await tidy();
  return true;
}

async function put(cache, { path, size, sha256: expected }) {
  const { bytes, headers } = await content(path);
  if (bytes.byteLength !== size || (await sha256(bytes)) !== expected) {
    throw new Refused("a file is not the one that was signed");
  }
  await cache.put(address(path), new Response(bytes, { headers }));
}

async function content(path) {
  // Files that are named after their content may come from the browser's own cache: they are checked all the same.
  const cache = path.startsWith("assets/") ? "default" : "no-cache";
  const response = await fetch(address(path), { cache, credentials: "omit", redirect: "error" });
  if (!response.ok) throw new Error("the server does not have it");
  const headers = HEADERS.filter((name) => response.headers.has(name));
  return {
    bytes: await response.arrayBuffer(),
    headers: headers.map((name) => [name, response.headers.get(name)]),
  };
}

// The address at which the server has a file of the release.
function address(path) {
  return path === "index.html" ? "/" : `/${path}`;
}

// Serves from the pinned release; an address that is no file of it is one that the page knows.
async function serve(request, pathname) {
  const pinned = await kept("pinned");
  // The browser threw away what was kept: this is a first visit again.
  if (pinned === undefined) return fetch(request);
  const cache = await caches.open(RELEASE + pinned);
  const file = await cache.match(pathname);
  const page = request.mode === "navigate" ? await cache.match("/") : undefined;
  return file ?? page ?? new Response(null, { status: 404 });
}

async function isSigned(content, signature) {
  const raw = Uint8Array.from(RELEASE_KEY.match(/../g), (digits) => parseInt(digits, 16));
  // Browsers that do not know Ed25519 fail here, and keep no release.
  const key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, content);
}

async function sha256(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Does one thing at a time, among all workers of this origin too.
function alone(action) {
  return navigator.locks.request("undertone releases", action);
}

// The hash of the release that is noted so, if it is still there.
async function kept(name) {
  const hash = await noted(name);
  return hash !== undefined && (await caches.has(RELEASE + hash)) ? hash : undefined;
}

async function noted(name) {
  const found = await (await caches.open(STATE)).match(`/${name}`);
  return found?.text();
}

async function note(name, value) {
  const state = await caches.open(STATE);
  if (value === undefined) await state.delete(`/${name}`);
  else await state.put(`/${name}`, new Response(value));
}

// Throws away every release but the one that is pinned and the one that waits.
async function tidy() {
  const wanted = [await noted("pinned"), await noted("waiting")].map((hash) => RELEASE + hash);
  for (const name of await caches.keys()) {
    if (name.startsWith(RELEASE) && !wanted.includes(name)) await caches.delete(name);
  }
}

function pages() {
  return self.clients.matchAll({ type: "window", includeUncontrolled: true });
}

// Tells pages which release is pinned, which one waits, and whether one was refused.
async function tell(pages) {
  const [release, waiting] = [(await kept("pinned")) ?? null, (await kept("waiting")) ?? null];
  for (const page of pages) page?.postMessage({ type: "release", release, waiting, refused });
}

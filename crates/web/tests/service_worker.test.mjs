// Stories about the service worker, told in node: a browser that only has caches, and a server that may say anything.
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const ORIGIN = "https://chat.example";
const SOURCE = readFileSync(new URL("../static/sw.js", import.meta.url), "utf8");

function newKey() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const hex = Buffer.from(publicKey.export({ format: "jwk" }).x, "base64url").toString("hex");
  return { privateKey, hex };
}

const KEY = newKey();
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** The files of a release as a server has them: `text` makes releases differ. */
function release(text, key = KEY) {
  const contents = {
    "assets/start.js": `start ${text}`,
    "index.html": `page ${text}`,
    "manifest.webmanifest": "{}",
  };
  const files = Object.entries(contents).map(([path, content]) => ({ path, size: content.length, sha256: sha256(content) }));
  const manifest = JSON.stringify({ format: "undertone/1 release", version: "1", files });
  return {
    hash: sha256(manifest),
    files: {
      "/": contents["index.html"],
      "/assets/start.js": contents["assets/start.js"],
      "/manifest.webmanifest": contents["manifest.webmanifest"],
      "/release.json": manifest,
      "/release.sig": sign(null, Buffer.from(manifest), key.privateKey),
    },
  };
}

/** What a browser keeps for an origin, with the pages that it shows and the server that it reaches. */
class Browser {
  constructor(server) {
    this.server = server;
    this.kept = new Map();
    this.asked = [];
    this.told = [];
    this.page = { postMessage: (message) => this.told.push(message) };
  }

  caches() {
    const open = (name) => {
      if (!this.kept.has(name)) this.kept.set(name, new Map());
      const entries = this.kept.get(name);
      return {
        match: async (path) => entries.get(path)?.clone(),
        put: async (path, response) => void entries.set(path, response),
        delete: async (path) => entries.delete(path),
      };
    };
    return {
      open: async (name) => open(name),
      has: async (name) => this.kept.has(name),
      delete: async (name) => this.kept.delete(name),
      keys: async () => [...this.kept.keys()],
    };
  }

  async fetch(request) {
    const path = typeof request === "string" ? request : new URL(request.url).pathname;
    this.asked.push(path);
    if (this.server === undefined) throw new TypeError("no network");
    const content = this.server.files[path];
    const headers = { "content-type": "text/plain", "content-security-policy": "default-src 'none'", refresh: "0; url=/elsewhere" };
    return content === undefined ? new Response(null, { status: 404 }) : new Response(content, { headers });
  }

  /** The hashes of the releases that are kept. */
  releases() {
    return [...this.kept.keys()].filter((name) => name.startsWith("undertone release ")).map((name) => name.slice(18));
  }

  /** The newest message to the page. */
  said() {
    return this.told.at(-1);
  }
}

/** A service worker as the browser runs it. */
class Worker {
  constructor(browser, { key = KEY, crypto = webcrypto } = {}) {
    this.listeners = {};
    this.skipped = false;
    const self = {
      addEventListener: (type, listener) => { this.listeners[type] = listener; },
      location: { origin: ORIGIN },
      clients: { claim: async () => {}, matchAll: async () => [browser.page] },
      registration: { waiting: null },
      skipWaiting: async () => { this.skipped = true; },
    };
    this.self = self;
    this.page = browser.page;
    let last = Promise.resolve();
    const locks = { request: (_name, action) => (last = last.catch(() => {}).then(action)) };
    const globals = { self, caches: browser.caches(), fetch: (...all) => browser.fetch(...all), crypto, navigator: { locks } };
    new Function(...Object.keys(globals), SOURCE.replace("{{release key}}", key.hex))(...Object.values(globals));
  }

  /** Lets an event happen and waits for all that it sets off; returns the response, if the worker gave one. */
  async hears(type, event = {}) {
    const works = [];
    let response;
    this.listeners[type]({
      ...event,
      waitUntil: (work) => works.push(work),
      respondWith: (answer) => { response = answer; },
    });
    const answered = await response;
    await Promise.all(works);
    return answered;
  }

  installs() {
    return this.hears("install");
  }

  isTold(type) {
    return this.hears("message", { data: { type }, source: this.page });
  }

  fetches(path, mode = "no-cors") {
    return this.hears("fetch", { request: { url: new URL(path, ORIGIN).href, mode } });
  }

  async text(path, mode) {
    return (await this.fetches(path, mode)).text();
  }
}

async function installed(text = "one") {
  const browser = new Browser(release(text));
  const worker = new Worker(browser);
  await worker.installs();
  await worker.hears("activate");
  return { browser, worker };
}

test("a release is kept and served without the server", async () => {
  const { browser, worker } = await installed();
  assert.deepEqual(browser.releases(), [release("one").hash]);
  browser.server = undefined;
  for (const path of ["/", "/chat/ab12", "/settings", "/an-address-of-a-later-release"]) {
    assert.equal(await worker.text(path, "navigate"), "page one");
  }
  browser.asked = [];
  assert.equal(await worker.text("/assets/start.js"), "start one");
  assert.equal((await worker.fetches("/assets/none.js")).status, 404);
  assert.deepEqual(browser.asked, []);
});

test("of the server's headers only those that protect are kept", async () => {
  const { worker } = await installed();
  const { headers } = await worker.fetches("/", "navigate");
  assert.equal(headers.get("content-security-policy"), "default-src 'none'");
  assert.equal(headers.get("content-type"), "text/plain");
  assert.equal(headers.get("refresh"), null);
});

test("what is the server's goes to the server, and nothing goes elsewhere", async () => {
  const { worker } = await installed();
  for (const path of ["/v1/account", "/healthz", "/sw.js", "/release.json", "/release.sig"]) {
    assert.equal(await worker.fetches(path), undefined, path);
  }
  assert.equal((await worker.fetches("https://elsewhere.example/")).type, "error");
  assert.equal(await worker.fetches("chrome-extension://abc/icon.png"), undefined);
});

test("a release that is not in order is not kept", async () => {
  const strange = newKey();
  const other = release("two");
  const wrong = {
    "signed by another key": { files: release("one", strange).files },
    "not signed at all": { files: { ...release("one").files, "/release.sig": "" } },
    "with the signature of another": { files: { ...release("one").files, "/release.sig": other.files["/release.sig"] } },
    "with a file of another": { files: { ...release("one").files, "/": other.files["/"] } },
    "with a longer file": { files: { ...release("one").files, "/": "page one " } },
    "with a file missing": { files: { ...release("one").files, "/assets/start.js": undefined } },
  };
  for (const [what, server] of Object.entries(wrong)) {
    const browser = new Browser(server);
    const worker = new Worker(browser);
    await assert.rejects(worker.installs(), undefined, what);
    // It is not in charge; and if it were, it would have nothing to serve.
    assert.equal(await browser.kept.get("undertone state")?.get("/pinned"), undefined, what);
  }
});

test("a browser that does not know Ed25519 keeps nothing", async () => {
  const browser = new Browser(release("one"));
  const importKey = async () => { throw new DOMException("Unrecognized name.", "NotSupportedError"); };
  const crypto = { subtle: { importKey, digest: webcrypto.subtle.digest.bind(webcrypto.subtle) } };
  await assert.rejects(new Worker(browser, { crypto }).installs(), /Unrecognized name/);
  assert.deepEqual(browser.releases(), []);
});

test("a newer release waits until the user wants it", async () => {
  const { browser, worker } = await installed();
  const [one, two] = [release("one").hash, release("two").hash];
  await worker.isTold("release");
  assert.deepEqual(browser.said(), { type: "release", release: one, waiting: null, refused: false });

  browser.server = release("two");
  assert.equal(await worker.text("/", "navigate"), "page one");
  assert.deepEqual(browser.said(), { type: "release", release: one, waiting: two, refused: false });
  // However often the worker starts again.
  const again = new Worker(browser);
  await again.hears("activate");
  assert.equal(await again.text("/", "navigate"), "page one");

  await again.isTold("update");
  assert.deepEqual(browser.said(), { type: "updated" });
  assert.equal(await again.text("/", "navigate"), "page two");
  assert.deepEqual(browser.releases(), [two]);
  await again.isTold("update");
  assert.equal(browser.told.filter(({ type }) => type === "updated").length, 1);
});

test("the page may ask to look, and is answered either way", async () => {
  const { browser, worker } = await installed();
  browser.told = [];
  await worker.isTold("check");
  assert.deepEqual(browser.told, [{ type: "release", release: release("one").hash, waiting: null, refused: false }]);
  browser.server = undefined;
  await worker.isTold("check");
  assert.equal(browser.told.length, 2);
  await worker.isTold("something else");
  assert.equal(browser.told.length, 2);
});

test("a newer release that is not in order is refused, and the page hears of it", async () => {
  const { browser, worker } = await installed();
  browser.server = release("two", newKey());
  await worker.isTold("check");
  assert.deepEqual(browser.said(), { type: "release", release: release("one").hash, waiting: null, refused: true });
  await worker.isTold("update");
  assert.equal(await worker.text("/", "navigate"), "page one");
  browser.server = release("two");
  await worker.isTold("check");
  assert.deepEqual(browser.said(), { type: "release", release: release("one").hash, waiting: release("two").hash, refused: false });
});

test("a network that fails in the middle changes nothing", async () => {
  const { browser, worker } = await installed();
  const two = release("two");
  browser.server = { files: { ...two.files, "/assets/start.js": undefined } };
  await worker.isTold("check");
  assert.equal(browser.said().waiting, null);
  assert.equal(browser.said().refused, false);
  browser.server = two;
  await worker.isTold("check");
  assert.equal(browser.said().waiting, two.hash);
  await worker.isTold("update");
  assert.equal(await worker.text("/assets/start.js"), "start two");
  assert.deepEqual(browser.releases(), [two.hash]);
});

test("the newest release waits, and one that the server took back does not", async () => {
  const { browser, worker } = await installed();
  for (const text of ["two", "three"]) {
    browser.server = release(text);
    await worker.isTold("check");
    assert.equal(browser.said().waiting, release(text).hash);
  }
  assert.deepEqual(browser.releases(), [release("one").hash, release("three").hash]);
  browser.server = release("one");
  await worker.isTold("check");
  assert.equal(browser.said().waiting, null);
  assert.deepEqual(browser.releases(), [release("one").hash]);
});

test("what is there is not fetched again", async () => {
  const { browser, worker } = await installed();
  browser.asked = [];
  await worker.isTold("check");
  assert.deepEqual(browser.asked, ["/release.json", "/release.sig"]);
});

test("a newer worker takes over what is kept, and is in charge only when the user wants it", async () => {
  const { browser, worker } = await installed();
  browser.server = release("two");
  const newer = new Worker(browser);
  await newer.installs();
  assert.equal(newer.skipped, false);
  assert.equal(await worker.text("/", "navigate"), "page one");
  // Also if the browser puts it in charge because the last page was closed.
  await newer.hears("activate");
  assert.equal(await newer.text("/", "navigate"), "page one");

  const asked = [];
  worker.self.registration.waiting = { postMessage: (message) => asked.push(message) };
  await worker.isTold("update");
  assert.deepEqual(asked, [{ type: "update" }]);
  await newer.isTold("update");
  assert.equal(newer.skipped, true);
});

test("a worker with another release key is not installed over one that is there", async () => {
  const { browser, worker } = await installed();
  const strange = newKey();
  browser.server = release("two", strange);
  await assert.rejects(new Worker(browser, { key: strange }).installs(), /another release key/);
  assert.equal(await worker.text("/", "navigate"), "page one");
});

test("when the browser threw away the release, it is a first visit again", async () => {
  const { browser, worker } = await installed();
  browser.kept.delete(`undertone release ${release("one").hash}`);
  assert.equal(await worker.text("/", "navigate"), "page one");
  assert.ok(browser.asked.includes("/"));
  // In the background it was kept again.
  browser.server = undefined;
  assert.equal(await worker.text("/", "navigate"), "page one");
});

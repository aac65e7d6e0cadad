// Measures the page in the system's Chromium: `node measure.js [messages]`. Figures stand in docs/benchmarks.md.
// UNDERTONE_FILL names the program fill_history, which gives an account at the command line so many messages in 10
// chats; the browser is linked to that account and fetches them.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { chromium } from '@playwright/test';

import config from './playwright.config.js';
import { Server } from './support/server.js';
import { Terminal } from './support/terminal.js';
import { writeMany } from './support/write_many.js';

const FILL = process.env.UNDERTONE_FILL ?? path.resolve('../../target/release/examples/fill_history');
const MESSAGES = Number(process.argv[2] ?? 100_000);
const GROUPS = 9;
const WRITTEN = 1_000;
const RUNS = 11;
const middle = (times) => [...times].sort((one, other) => one - other)[Math.floor(times.length / 2)];
const say = (what, times) => console.log(`${what}: ${middle(times).toFixed(1)} ms (${times.map((time) => time.toFixed(0)).join(', ')})`);
const load = () => console.log(`load average ${loadavg()[0].toFixed(1)} on ${cpus().length} processors`);

load();
const server = await Server.start();

/** A browser with a profile on the disk: what a private window keeps takes another, slower way. */
async function newBrowser() {
  const profile = await mkdtemp(path.join(tmpdir(), 'undertone-browser-'));
  const context = await chromium.launchPersistentContext(profile, { ...config.use.launchOptions, viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  const close = async () => { await context.close(); await rm(profile, { recursive: true, force: true }); };
  return { newPage: () => context.newPage(), close };
}

/** An account that begins in the browser, and writes. */
async function measureBeginning() {
  const browser = await newBrowser();
  const page = await browser.newPage();
  const first = Date.now();
  await page.goto(server.url);
  const name = page.getByRole('textbox', { name: 'Your name' });
  await name.waitFor();
  console.log(`first visit, nothing in any cache: ${Date.now() - first} ms until the first field`);
  await name.fill('Anna');
  const creating = Date.now();
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByLabel('My contact link').waitFor();
  console.log(`create account: ${Date.now() - creating} ms until the first conversation`);
  const writing = Date.now();
  await page.evaluate(writeMany, { tab: 'note', count: WRITTEN });
  await page.locator('.chats', { hasText: `note ${WRITTEN - 1}` }).waitFor({ timeout: 600_000 });
  console.log(`${WRITTEN} messages written one by one: ${((Date.now() - writing) / WRITTEN).toFixed(1)} ms each`);
  await page.close();
  await measureStart(browser, WRITTEN, 1);
  await browser.close();
}

/** A browser that is linked to an account with a long history, and has fetched it. */
async function fetchHistory() {
  const person = await Terminal.create(server, 'Ben');
  for (let number = 1; number <= GROUPS; number += 1) await person.says('group', 'create', `Group ${number}`);
  const filling = Date.now();
  await promisify(execFile)(FILL, [person.profile, String(MESSAGES)]);
  console.log(`${MESSAGES} messages put into a profile of the command line: ${((Date.now() - filling) / 1_000).toFixed(1)} s`);
  const browser = await newBrowser();
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Use an account that you have' }).click();
  const code = await page.getByLabel('Code for your other device').textContent();
  const linking = Date.now();
  const giver = person.begins('device', 'link', code, '--yes', '--history', 'all', '--wait', '3600');
  await page.locator('.chats li').first().waitFor({ timeout: 60_000 });
  const linked = Date.now();
  console.log(`link a browser: ${linked - linking} ms until its list`);
  await page.goto(`${server.url}/settings/devices`);
  await page.getByRole('list', { name: 'Earlier messages brought over' }).getByText(/^Done/).waitFor({ timeout: 3_600_000 });
  const seconds = (Date.now() - linked) / 1_000;
  console.log(`${MESSAGES} messages fetched from the other device: ${seconds.toFixed(1)} s, ${(MESSAGES / seconds).toFixed(0)} messages/s`);
  await giver.end();
  await person.remove();
  await page.close();
  return browser;
}

async function measureStart(browser, messages, chats) {
  const starts = [];
  for (let run = 0; run < RUNS; run += 1) {
    const page = await browser.newPage();
    const start = Date.now();
    await page.goto(server.url);
    await page.locator('.chats a').nth(chats - 1).waitFor();
    starts.push(Date.now() - start);
    await page.close();
  }
  say(`start with ${messages} messages, until the list`, starts);
}

/** Runs in the page: goes from chat to chat, all of which have messages. */
async function switchChats(runs) {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const shown = () => document.querySelector('.log[aria-busy="false"] .bubble-row[id]')?.id;
  const links = [...document.querySelectorAll('.chats a')].map((link) => link.getAttribute('href'));
  const times = [];
  let before = shown();
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now();
    document.querySelector(`.chats a[href="${links[run % links.length]}"]`).click();
    do await frame(); while (shown() === undefined || shown() === before);
    times.push(performance.now() - start);
    before = shown();
  }
  return times;
}

/** Runs in the page: types a long message, and waits after each key until the page has nothing left to do for it. */
async function typeKeys(runs) {
  const { port1, port2 } = new MessageChannel();
  const idle = () => new Promise((resolve) => { port1.onmessage = resolve; port2.postMessage(null); });
  const field = document.querySelector('textarea');
  const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;
  const times = [];
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now();
    set.call(field, `${field.value}x`);
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await idle();
    document.body.getBoundingClientRect();
    times.push(performance.now() - start);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return times;
}

await measureBeginning();
const browser = await fetchHistory();
await measureStart(browser, MESSAGES, GROUPS + 1);
const page = await browser.newPage();
await page.goto(server.url);
await page.locator('.chats a').nth(GROUPS).waitFor();
say('first time in each chat, until messages are drawn', await page.evaluate(switchChats, GROUPS + 1));
say('change of chats, until messages are drawn', await page.evaluate(switchChats, 3 * (GROUPS + 1)));
say("a key, of the page's time", await page.evaluate(typeKeys, 60));
await browser.close();
await server.stop();
load();

// Measures a large group in the system's Chromium: `node measure_group.js [devices]`. Figures stand in docs/benchmarks.md.
// UNDERTONE_FILL_GROUP names the program fill_group, which gives an account at the command line a group of so many devices,
// all but its own nowhere; somebody in a browser is added to it, writes and is written to.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { chromium, expect } from '@playwright/test';

import config from './playwright.config.js';
import { Person } from './support/person.js';
import { Server } from './support/server.js';
import { Terminal } from './support/terminal.js';
import { writeMany } from './support/write_many.js';

const FILL = process.env.UNDERTONE_FILL_GROUP ?? path.resolve('../../target/release/examples/fill_group');
const DEVICES = Number(process.argv[2] ?? 1_535);
const MESSAGES = 50;
const RUNS = 11;
const middle = (times) => [...times].sort((one, other) => one - other)[Math.floor(times.length / 2)];
const say = (what, times) => console.log(`${what}: ${middle(times).toFixed(1)} ms (${times.map((time) => time.toFixed(0)).join(', ')})`);
const load = () => console.log(`load average ${loadavg()[0].toFixed(1)} on ${cpus().length} processors`);
const slow = { timeout: 600_000 };

/** How long something takes, in ms. */
async function time(what, act) {
  const start = Date.now();
  const result = await act();
  console.log(`${what}: ${Date.now() - start} ms`);
  return result;
}

load();
const server = await Server.start();
const anna = await Terminal.create(server, 'Anna');
await time(`a group of ${DEVICES} devices put into a profile of the command line`, () => promisify(execFile)(FILL, [anna.profile, String(DEVICES)]));

const profile = await mkdtemp(path.join(tmpdir(), 'undertone-browser-'));
const context = await chromium.launchPersistentContext(profile, { ...config.use.launchOptions, viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
const ben = new Person('Ben', context, server.url);
await ben.opens();
await ben.createsAccount();
await ben.adds(await anna.link());
await expect(async () => {
  await anna.says('receive');
  const [request] = await anna.says('requests');
  await anna.says('request', 'accept', request.id);
}).toPass();
await anna.says('send', 'Ben', 'Hello', '--wait', '30');
await ben.reads('Hello');

const added = Date.now();
const adding = anna.begins('group', 'add', 'Large', 'Ben');
await ben.chats().getByRole('link', { name: /Large/ }).waitFor(slow);
console.log(`add somebody in a browser, until they see the group: ${Date.now() - added} ms`);
await adding.ended;

await time('open the group', () => ben.opensChat(/Large/));
await time('its details, until everybody is in the list', async () => {
  await ben.page.getByRole('link', { name: 'Details' }).click();
  await ben.page.getByRole('list', { name: 'People in this group' }).getByRole('listitem').nth(3).waitFor(slow);
});
await ben.opensChat(/Large/);
await time('the first message, until the server has it', async () => {
  await ben.writes('first');
  await ben.messages().locator('.bubble-row', { hasText: 'first' }).getByText('Sent').waitFor({ ...slow, state: 'attached' });
});
const writing = Date.now();
await ben.page.evaluate(writeMany, { tab: 'many', count: MESSAGES });
await ben.messages().locator('.bubble-row', { hasText: `many ${MESSAGES - 1}` }).getByText('Sent').waitFor({ ...slow, state: 'attached' });
console.log(`${MESSAGES} messages, until the server has all of them: ${((Date.now() - writing) / MESSAGES).toFixed(1)} ms each`);

await ben.page.close();
for (let number = 0; number < MESSAGES; number += 1) await anna.says('send', 'Large', `back ${number}`);
await anna.says('receive');
const coming = Date.now();
await ben.opens();
await ben.chats().getByText(`back ${MESSAGES - 1}`).waitFor(slow);
console.log(`start, and receive ${MESSAGES} messages: ${Date.now() - coming} ms`);

await ben.page.close();
const starts = [];
for (let run = 0; run < RUNS; run += 1) {
  const start = Date.now();
  await ben.opens();
  await ben.chats().getByRole('link').nth(1).waitFor();
  starts.push(Date.now() - start);
  await ben.page.close();
}
say('start, until the list', starts);

await ben.opens();
await ben.chats().getByRole('link', { name: /Large/ }).click();
await expect(ben.field()).toBeVisible();
const renamed = Date.now();
const renaming = anna.begins('group', 'rename', 'Large', 'Larger');
await expect(ben.page.getByRole('heading', { name: 'Larger' })).toBeVisible(slow);
console.log(`another's change of the group, from their command on: ${Date.now() - renamed} ms`);
await renaming.ended;
if (ben.faults.length > 0) console.log(ben.faults.join('\n'));
await context.close();
await rm(profile, { recursive: true, force: true });
await anna.remove();
await server.stop();
load();

// Measures the page in the system's Chromium: `node measure.js [messages]`. Figures stand in docs/benchmarks.md.
import { chromium } from '@playwright/test';

import config from './playwright.config.js';
import { Server } from './support/server.js';
import { writeMany } from './support/write_many.js';

const MESSAGES = Number(process.argv[2] ?? 20_000);
const middle = (times) => [...times].sort((one, other) => one - other)[Math.floor(times.length / 2)];

const server = await Server.start();
const browser = await chromium.launch(config.use.launchOptions);
const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
let page = await context.newPage();

const first = Date.now();
await page.goto(server.url);
await page.getByRole('textbox', { name: 'Your name' }).waitFor();
console.log(`first visit, nothing in any cache: ${Date.now() - first} ms until the first field`);
await page.getByRole('textbox', { name: 'Your name' }).fill('Anna');
const creating = Date.now();
await page.getByRole('button', { name: 'Create account' }).click();
await page.getByLabel('My contact link').waitFor();
console.log(`create account: ${Date.now() - creating} ms until the first conversation`);

// The other chat to switch to: a link that leads nowhere is enough.
const notes = new URL(page.url()).pathname;
await page.getByRole('button', { name: 'New chat' }).click();
await page.getByRole('textbox', { name: 'Contact link', exact: true }).fill(`${server.url}/#1.${'A'.repeat(64)}`);
await page.getByRole('button', { name: 'Add', exact: true }).click();
await page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
const other = new URL(page.url()).pathname;
await page.goto(server.url + notes);
await page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();

const writing = Date.now();
for (let written = 0; written < MESSAGES; written += 1_000) {
  await page.evaluate(writeMany, { tab: `part ${written}`, count: Math.min(1_000, MESSAGES - written) });
}
await page.getByText(`part ${MESSAGES - 1_000} 999`, { exact: true }).waitFor({ timeout: 600_000 });
console.log(`${MESSAGES} messages written one by one: ${((Date.now() - writing) / MESSAGES).toFixed(1)} ms each`);

const starts = [];
for (let run = 0; run < 5; run += 1) {
  await page.close();
  page = await context.newPage();
  const start = Date.now();
  await page.goto(server.url + notes);
  await page.locator('.chats li').first().waitFor();
  await page.locator('.bubble-row[id]').first().waitFor();
  starts.push(Date.now() - start);
}
console.log(`start with ${MESSAGES} messages: ${middle(starts)} ms until list and conversation (${starts.join(', ')})`);

const switches = await page.evaluate(async ([one, two]) => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const times = [];
  for (let run = 0; run < 20; run += 1) {
    const to = run % 2 === 0 ? two : one;
    const start = performance.now();
    document.querySelector(`.chats a[href="${to}"]`).click();
    do await frame(); while (document.querySelector('.log')?.getAttribute('aria-busy') !== 'false' || (to === one) !== (document.querySelectorAll('.bubble-row[id]').length > 0));
    times.push(performance.now() - start);
  }
  return times;
}, [notes, other]);
console.log(`switch of chats: ${middle(switches).toFixed(0)} ms until messages are drawn`);

await page.goto(server.url + notes);
await page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
const keys = await page.evaluate(async () => {
  const field = document.querySelector('textarea');
  const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;
  const times = [];
  for (let run = 0; run < 60; run += 1) {
    const start = performance.now();
    set.call(field, `${field.value}x`);
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve));
    times.push(performance.now() - start);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return times;
});
console.log(`a key: ${middle(keys).toFixed(1)} ms of the page's time`);

await browser.close();
await server.stop();

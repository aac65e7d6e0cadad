// A person in a browser of their own: what they do, told as they would tell it, and what must never happen to them.
import { AxeBuilder } from '@axe-core/playwright';
import { expect } from '@playwright/test';

export class Person {
  constructor(name, context, url) {
    this.name = name;
    this.context = context;
    this.url = url;
    this.origin = new URL(url).origin;
    /** What must never happen: errors of the page, requests elsewhere, breaches of the policy. */
    this.faults = [];
    context.on('request', (request) => {
      const url = request.url();
      const inside = url.startsWith(this.origin) || url.startsWith(this.origin.replace('http', 'ws')) || url.startsWith('blob:') || url.startsWith('data:');
      if (!inside) this.faults.push(`a request left the origin: ${new URL(url).host}`);
    });
  }

  /** Opens the page, in another tab if there is one. */
  async opens(path = '/') {
    const page = await this.context.newPage();
    page.on('pageerror', (error) => this.faults.push(`page error: ${error.message}`));
    page.on('console', (message) => {
      const text = message.text();
      if (/Content Security Policy|violates the following/.test(text)) this.faults.push(`policy: ${text}`);
      // A server that is away on purpose, or a network that is switched off, is no fault of the page.
      else if (message.type() === 'error' && !/WebSocket|Failed to load resource|net::ERR/.test(text)) this.faults.push(`console: ${text}`);
    });
    page.on('websocket', (socket) => {
      if (!socket.url().startsWith(this.origin.replace('http', 'ws'))) this.faults.push('a socket left the origin');
    });
    this.page = page;
    await page.goto(this.url + path);
    return page;
  }

  async createsAccount() {
    await this.page.getByRole('textbox', { name: 'Your name' }).fill(this.name);
    await this.page.getByRole('button', { name: 'Create account' }).click();
    await expect(this.page.getByLabel('My contact link')).toBeVisible();
  }

  /** The reusable link, once others can use it. */
  async link() {
    await expect(this.page.locator('.status-line p')).toHaveCount(0);
    return (await this.page.getByLabel('My contact link').textContent()).trim();
  }

  /** On a phone the list is one step back from a conversation. */
  async seesList() {
    if (await this.chats().isHidden()) await this.page.getByRole('link', { name: 'Back' }).first().click();
    await expect(this.chats()).toBeVisible();
  }

  async startsChat() {
    await this.seesList();
    await this.page.getByRole('button', { name: 'New chat' }).click();
  }

  async adds(link) {
    await this.startsChat();
    await this.page.getByRole('textbox', { name: 'Contact link', exact: true }).fill(link);
    await this.page.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(this.field()).toBeVisible();
  }

  async acceptsRequest() {
    await this.seesList();
    await this.chats().getByRole('listitem').filter({ hasText: /request/i }).first().click();
    await this.page.getByRole('button', { name: 'Accept' }).click();
    await expect(this.field()).toBeVisible();
  }

  async opensChat(name) {
    await this.seesList();
    await this.chats().getByRole('link', { name }).click();
    await expect(this.field()).toBeVisible();
  }

  async writes(text) {
    await this.field().fill(text);
    await this.page.getByRole('button', { name: 'Send' }).click();
  }

  async reads(text) {
    await expect(this.messages().getByText(text, { exact: true })).toBeVisible();
  }

  /** What was written is in the outbox: until then it is a draft, and comes back as one. */
  async hasKept(text) {
    // What is only being written has a number beyond all that a store gives: 2^63 and more.
    await expect(this.messages().locator('.bubble-row[id]:not([id^="m922337"])').filter({ hasText: text })).toBeVisible();
  }

  chats() {
    return this.page.getByRole('list', { name: 'Chats' });
  }

  messages() {
    return this.page.getByRole('log', { name: 'Messages' });
  }

  field() {
    return this.page.getByRole('textbox', { name: 'Message', exact: true });
  }

  /** The texts of all messages in the document, in order. */
  async texts() {
    return this.messages().locator('.messages .text').allTextContents();
  }

  /** axe finds nothing on what is shown now. */
  async seesNoBarrier() {
    const { violations } = await new AxeBuilder({ page: this.page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
    expect(violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
  }

  /** Nothing sticks out sideways, but what ends in an ellipsis within its place. */
  async seesAllOfIt() {
    const over = await this.page.evaluate(() => {
      const wide = document.documentElement.clientWidth;
      const isCut = (element) => {
        for (let around = element.parentElement; around; around = around.parentElement) {
          if (getComputedStyle(around).textOverflow === 'ellipsis') return true;
        }
        return false;
      };
      return [...document.querySelectorAll('body *')]
        .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('.hidden-text, .skip, svg') && !isCut(element))
        .filter((element) => { const box = element.getBoundingClientRect(); return box.width > 0 && (box.right > wide + 1 || box.left < -1); })
        .map((element) => element.outerHTML.slice(0, 120));
    });
    expect(over).toEqual([]);
  }

  async leaves() {
    await this.context.close();
  }
}

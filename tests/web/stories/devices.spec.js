import path from 'node:path';

import { kept } from '../support/kept.js';
import { expect, test, twoPeople } from '../support/story.js';

const PICTURES = process.env.UNDERTONE_PICTURES;

const dialog = (person) => person.page.getByRole('dialog');
const devices = (person) => person.page.getByRole('list', { name: 'Devices' }).getByRole('listitem');

/** What is shown has no barrier and sticks out nowhere; and a picture of it, if pictures are wanted. */
async function look(person, name) {
  if (PICTURES) await person.page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
  await person.seesAllOfIt();
  await person.seesNoBarrier();
}

/** The code that a browser without an account shows. */
async function code(laptop) {
  const shown = laptop.page.getByLabel('Code for your other device');
  await expect(shown).toHaveText(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  return shown.textContent();
}

async function showsCode(laptop) {
  await laptop.page.getByRole('button', { name: 'Use an account that you have' }).click();
  return code(laptop);
}

async function opensDevices(person) {
  await person.page.goto(`${person.url}/settings/devices`);
  await expect(devices(person).first()).toBeVisible();
}

async function enters(person, code) {
  await dialog(person).getByRole('textbox', { name: 'Code' }).fill(code);
  await dialog(person).getByRole('button', { name: 'Next' }).click();
}

/** Links `laptop`, which has no account, to the account of `person`. */
async function links(person, laptop, picture = () => {}) {
  const shown = await showsCode(laptop);
  await picture(laptop, 'code');
  await opensDevices(person);
  await person.page.getByRole('button', { name: 'Link a device' }).click();
  await picture(person, 'enter');
  await enters(person, shown.toLowerCase().replaceAll('-', ' '));
  const approve = dialog(person).getByRole('button', { name: 'Link this device' });
  await expect(approve).toBeVisible();
  await expect(laptop.page.getByText('Answer on your other device.')).toBeVisible();
  await picture(laptop, 'deciding');
  await picture(person, 'asking');
  await approve.click();
  await expect(dialog(person).getByText(/^Linked\./)).toBeVisible();
  await picture(person, 'linked');
  await dialog(person).getByRole('button', { name: 'Close' }).click();
  await expect(laptop.chats()).toBeVisible();
}

test('a second browser is linked by its code, has what the first has, and is signed out', async ({ meet }) => {
  test.setTimeout(240_000);
  const { anna, ben } = await twoPeople(meet);
  await ben.writes('Hello Anna');
  await anna.reads('Hello Anna');
  const laptop = await meet('Laptop', { account: false });
  await links(anna, laptop);

  // What was said before is there, and each hears what is said on the other, as one's own.
  await laptop.opensChat('Ben');
  await laptop.reads('Hello Ben');
  await laptop.reads('Hello Anna');
  await laptop.writes('From the laptop');
  await ben.reads('From the laptop');
  await anna.opensChat('Ben');
  await anna.reads('From the laptop');
  await anna.writes('From the first');
  for (const person of [laptop, ben]) await person.reads('From the first');
  for (const device of [anna, laptop]) {
    const own = await device.messages().locator('.bubble-row.own .text').allTextContents();
    expect(own).toEqual(['Hello Ben', 'From the laptop', 'From the first']);
  }
  await ben.writes('To both of you');
  for (const device of [anna, laptop]) await device.reads('To both of you');
  await expect(ben.messages().getByText(/Anna.* uses one more device/)).toBeAttached();
  await anna.opensChat('Note to self');
  await expect(anna.messages().getByText(/You use one more device: .*If that was not you, sign it out now/)).toBeAttached();

  // It is called something else.
  await opensDevices(anna);
  await expect(devices(anna)).toHaveCount(2);
  await expect(devices(anna).first()).toContainText('This device');
  await expect(devices(anna).first()).toContainText(/Chrom\w+ on Linux/);
  await expect(devices(anna).nth(1)).toContainText('Active today');
  const rename = devices(anna).nth(1).getByRole('button', { name: /Rename/ });
  await rename.click();
  await dialog(anna).getByRole('textbox', { name: 'Name of the device' }).fill('Kitchen');
  await anna.seesNoBarrier();
  await dialog(anna).getByRole('button', { name: 'Save' }).click();
  await expect(devices(anna).nth(1)).toContainText('Kitchen');
  await expect(rename).toBeFocused();
  await opensDevices(laptop);
  await expect(devices(laptop).first()).toContainText('Kitchen');
  const log = laptop.page.getByRole('list', { name: 'Earlier messages brought over' }).getByRole('listitem');
  await expect(log).toHaveCount(1);
  await expect(log).toContainText('Done');

  // It is signed out, and keeps nothing.
  const before = await laptop.page.evaluate(kept);
  expect(before.key).not.toBeNull();
  expect(before.pieces.length).toBeGreaterThan(100);
  await devices(anna).nth(1).getByRole('button', { name: 'Sign out' }).click();
  await expect(dialog(anna)).toContainText('deletes all that it holds');
  await anna.seesNoBarrier();
  await dialog(anna).getByRole('button', { name: 'Sign it out' }).click();
  await expect(devices(anna)).toHaveCount(1);
  await expect(anna.page.getByRole('button', { name: 'Link a device' })).toBeFocused();
  const signedOut = laptop.page.getByText(/^This device was signed out from another of your devices on .*Nothing is left on it\.$/);
  await expect(signedOut).toBeVisible();
  await laptop.seesNoBarrier();
  await expect(async () => {
    const after = await laptop.page.evaluate(kept);
    expect(after.key).not.toBeNull();
    expect(after.key).not.toEqual(before.key);
    const known = new Set(before.pieces);
    expect(after.pieces.filter((piece) => known.has(piece))).toEqual([]);
    for (const word of ['Anna', 'Ben', 'Hello', 'Kitchen', 'SQLite format']) expect(after.text).not.toContain(word);
  }).toPass({ timeout: 20_000 });
  await laptop.page.reload();
  await expect(signedOut).toBeVisible();
  await ben.writes('Only for the first');
  await anna.opensChat('Ben');
  await anna.reads('Only for the first');

  // One can begin anew there, as somebody else or as before.
  await laptop.page.getByRole('button', { name: 'Start anew' }).click();
  await links(anna, laptop);
  await laptop.opensChat('Ben');
  await laptop.reads('Only for the first');
});

test('a wrong code links nothing, and a device that is not wanted is sent away', async ({ meet }) => {
  const anna = await meet('Anna');
  const laptop = await meet('Laptop', { account: false });
  const shown = await showsCode(laptop);
  await opensDevices(anna);
  await anna.page.getByRole('button', { name: 'Link a device' }).click();
  await enters(anna, 'no code');
  await expect(dialog(anna).getByRole('alert')).toContainText('A code has 12 letters and digits');
  await anna.seesNoBarrier();
  await enters(anna, shown.slice(0, -1) + (shown.endsWith('0') ? '1' : '0'));
  await expect(laptop.page.getByRole('alert').filter({ hasText: 'Another code was entered.' })).toBeVisible();
  await laptop.seesNoBarrier();
  await expect(dialog(anna).getByRole('alert')).toContainText('not the code of the new device');
  await anna.seesNoBarrier();
  await laptop.page.getByRole('button', { name: 'Show a new code' }).click();
  await enters(anna, await code(laptop));
  await dialog(anna).getByRole('button', { name: 'Not mine' }).click();
  await expect(laptop.page.getByText(/said no, or went away/)).toBeVisible();
  await expect(devices(anna)).toHaveCount(1);
  await laptop.page.getByRole('button', { name: 'Cancel' }).click();
  await expect(laptop.page.getByRole('textbox', { name: 'Your name' })).toBeVisible();
  await expect(laptop.page.getByRole('button', { name: 'Use an account that you have' })).toBeFocused();
});

test('two browsers are linked by keyboard alone', async ({ meet }) => {
  const anna = await meet('Anna');
  const laptop = await meet('Laptop', { account: false });
  await expect(laptop.page.getByRole('textbox', { name: 'Your name' })).toBeFocused();
  await reach(laptop.page, laptop.page.getByRole('button', { name: 'Use an account that you have' }));
  await laptop.page.keyboard.press('Enter');
  const shown = await code(laptop);
  await expect(laptop.page.getByRole('heading', { level: 1 })).toBeFocused();
  await anna.page.goto(`${anna.url}/settings`);
  await reach(anna.page, anna.page.getByRole('link', { name: /^Devices/ }));
  await anna.page.keyboard.press('Enter');
  const opener = anna.page.getByRole('button', { name: 'Link a device' });
  await expect(opener).toBeVisible();
  await reach(anna.page, opener);
  await anna.page.keyboard.press('Enter');
  await expect(dialog(anna).getByRole('textbox', { name: 'Code' })).toBeFocused();
  await anna.page.keyboard.type(shown);
  await anna.page.keyboard.press('Enter');
  await expect(dialog(anna).getByRole('radio', { name: 'All of them' })).toBeFocused();
  await expect(dialog(anna).getByRole('radio', { name: 'All of them' })).toBeChecked();
  await anna.page.keyboard.press('ArrowDown');
  await expect(dialog(anna).getByRole('radio', { name: 'The last 30 days' })).toBeChecked();
  await reach(anna.page, dialog(anna).getByRole('button', { name: 'Link this device' }));
  await anna.page.keyboard.press('Enter');
  await expect(dialog(anna).getByText(/^Linked\./)).toBeVisible();
  await expect(dialog(anna).getByRole('button', { name: 'Close' })).toBeFocused();
  await anna.page.keyboard.press('Enter');
  await expect(opener).toBeFocused();
  await expect(laptop.chats()).toBeVisible();
});

test('a code that is opened with the address of its picture is filled in, where there is an account', async ({ meet }) => {
  const anna = await meet('Anna');
  const laptop = await meet('Laptop', { account: false });
  const shown = await showsCode(laptop);
  await anna.page.goto(`${anna.url}/#device.${shown}`);
  await expect(anna.page).toHaveURL(`${anna.url}/settings/devices`);
  const field = dialog(anna).getByRole('textbox', { name: 'Code' });
  await expect(field).toHaveValue(shown);
  await expect(field).toBeFocused();
  await anna.page.keyboard.press('Enter');
  await expect(dialog(anna).getByText(/wants to be linked/)).toBeVisible();
  await anna.page.keyboard.press('Escape');
  await expect(dialog(anna)).toHaveCount(0);
  await expect(laptop.page.getByText(/said no, or went away/)).toBeVisible();

  const nobody = await meet('Nobody', { account: false });
  await nobody.page.goto(`${nobody.url}/#device.${shown}`);
  await expect(nobody.page.getByText('The code that you opened belongs to a new device.')).toBeVisible();
  await nobody.seesNoBarrier();
});

test('what is written in a conversation that this device is not in yet waits until it is', async ({ meet, meetAtTerminal }) => {
  test.setTimeout(240_000);
  const cora = await meetAtTerminal('Cora');
  const ben = await meet('Ben');
  // More of them than are asked for at once, so that some are still to come when the other device goes away.
  const titles = Array.from({ length: 14 }, (_, number) => `Group ${number + 1}`);
  for (const title of titles) await cora.says('group', 'create', title);
  await ben.adds(await cora.link());
  await expect(async () => {
    await cora.says('receive');
    const [request] = await cora.says('requests');
    await cora.says('request', 'accept', request.id);
  }).toPass();
  const laptop = await meet('Laptop', { account: false, viewport: { width: 390, height: 844 } });
  const linking = cora.begins('device', 'link', await showsCode(laptop), '--yes');
  await expect(laptop.chats().getByRole('link', { name: 'Group 1', exact: false }).first()).toBeVisible();
  await linking.end();
  const coming = laptop.page.getByText(/^\D*\d+\D* of \D*15\D* conversations are here\.$/);
  await expect(coming).toBeVisible();
  await look(laptop, 'devices-coming-390');

  // The oldest of them is the last one.
  await laptop.chats().getByRole('link', { name: /^Group 1\b/ }).click();
  await expect(laptop.page.getByText('This device is not in this conversation at the moment and is being added. What you write is sent then.')).toBeVisible();
  await laptop.writes('Written early');
  await laptop.hasKept('Written early');
  const mark = laptop.messages().locator('.own .mark').last();
  await expect(mark).toHaveAttribute('title', 'Waiting to be sent');
  // It is kept: no draft any more, and there after the page was loaded anew.
  const row = laptop.chats().getByRole('link', { name: /^Group 1\b/ }).locator('.chat-preview:not(.draft)');
  await laptop.seesList();
  await expect(row).toContainText('Written early');
  await laptop.page.reload();
  await expect(row).toContainText('Written early');
  await row.click();
  await laptop.hasKept('Written early');
  await look(laptop, 'devices-waiting-390');
  const back = cora.begins('receive', '--wait', '100');
  await expect(mark).toHaveAttribute('title', 'Sent', { timeout: 60_000 });
  await expect(laptop.page.getByText('This device is not in this conversation at the moment')).toHaveCount(0);
  await laptop.seesList();
  await expect(coming).toHaveCount(0, { timeout: 60_000 });
  await back.end();
});

for (const viewport of [{ width: 390, height: 844 }, { width: 820, height: 1180 }, { width: 1440, height: 900 }]) {
  // The middle one dark by itself, the others both ways where pictures are wanted: axe looks at all screens in both anyway.
  const schemes = PICTURES ? ['light', 'dark'] : [viewport.width === 820 ? 'dark' : 'light'];
  for (const colorScheme of schemes) {
    test(`linking and devices at ${viewport.width} px, ${colorScheme}`, async ({ meet }) => {
      const picture = (person, name) => look(person, `devices-${name}-${viewport.width}-${colorScheme}`);
      const options = { viewport, colorScheme, reducedMotion: 'reduce' };
      const anna = await meet('Anna', options);
      const laptop = await meet('Laptop', { account: false, ...options });
      await expect(laptop.page.getByRole('button', { name: 'Use an account that you have' })).toBeVisible();
      await picture(laptop, 'welcome');
      await links(anna, laptop, picture);
      await picture(laptop, 'new');
      await expect(anna.page.getByRole('list', { name: 'Earlier messages brought over' })).toContainText('Done');
      await picture(anna, 'list');
      await devices(anna).nth(1).getByRole('button', { name: /Rename/ }).click();
      await picture(anna, 'rename');
      await anna.page.keyboard.press('Escape');
      await devices(anna).nth(1).getByRole('button', { name: 'Sign out' }).click();
      await picture(anna, 'sign-out');
      await dialog(anna).getByRole('button', { name: 'Sign it out' }).click();
      await expect(laptop.page.getByRole('button', { name: 'Start anew' })).toBeVisible();
      await picture(laptop, 'signed-out');
    });
  }
}

for (const [language, direction] of [['en-XA', 'ltr'], ['ar-XB', 'rtl']]) {
  test(`linking with long words and in the other direction: ${language}`, async ({ meet }) => {
    const viewport = { width: 390, height: 844 };
    const anna = await meet('Anna', { viewport });
    await anna.page.goto(`${anna.url}/settings/devices?language=${language}`);
    await expect(anna.page.locator('html')).toHaveAttribute('dir', direction);
    await expect(anna.page.locator('.device')).toHaveCount(1);
    await look(anna, `devices-${language}`);
    await anna.page.locator('#link-device').click();
    await look(anna, `devices-enter-${language}`);
    const laptop = await meet('Laptop', { account: false, viewport });
    await laptop.page.goto(`${laptop.url}/?language=${language}`);
    await laptop.page.locator('#link-this').click();
    await expect(laptop.page.locator('.code-shown')).toBeVisible();
    await look(laptop, `devices-code-${language}`);
  });
}

async function reach(page, target) {
  for (let pressed = 0; pressed < 60; pressed += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('the focus never came there');
}

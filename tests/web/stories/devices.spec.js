import path from 'node:path';

import { expect, test, twoPeople } from '../support/story.js';

const PICTURES = process.env.UNDERTONE_PICTURES;

const dialog = (person) => person.page.getByRole('dialog');

/** What is shown has no barrier and sticks out nowhere; and a picture of it, if pictures are wanted. */
async function look(person, name) {
  await person.seesAllOfIt();
  await person.seesNoBarrier();
  if (PICTURES) await person.page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
}

/** A browser without an account shows a code; what it is. */
async function showsCode(laptop) {
  await laptop.page.getByRole('button', { name: 'Use an account that you have' }).click();
  const code = laptop.page.getByLabel('Code for your other device');
  await expect(code).toBeVisible();
  return (await code.textContent()).trim();
}

async function opensDevices(person) {
  await person.page.goto(`${person.url}/settings/devices`);
  await expect(person.page.getByRole('list', { name: 'Devices', exact: true }).getByRole('listitem').first()).toBeVisible();
}

async function enters(person, code) {
  await opensDevices(person);
  await person.page.getByRole('button', { name: 'Link a device' }).click();
  await dialog(person).getByRole('textbox', { name: 'Code' }).fill(code.toLowerCase());
  await dialog(person).getByRole('button', { name: 'Next' }).click();
}

/** Links `laptop`, which has no account, to the account of `person`. */
async function links(person, laptop, picture = () => {}) {
  const code = await showsCode(laptop);
  await picture(laptop, 'code');
  await enters(person, code);
  const approve = dialog(person).getByRole('button', { name: 'Link this device' });
  await expect(approve).toBeVisible();
  await expect(laptop.page.getByText('Answer on your other device.')).toBeVisible();
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

  await laptop.opensChat('Ben');
  await laptop.reads('Hello Ben');
  await laptop.reads('Hello Anna');
  await laptop.writes('From the laptop');
  await ben.reads('From the laptop');
  await anna.opensChat('Ben');
  await anna.reads('From the laptop');
  await ben.writes('To both of you');
  for (const device of [anna, laptop]) await device.reads('To both of you');
  await expect(ben.messages().getByText(/Anna.* uses one more device/)).toBeAttached();

  await opensDevices(anna);
  const devices = anna.page.getByRole('list', { name: 'Devices', exact: true }).getByRole('listitem');
  await expect(devices).toHaveCount(2);
  await devices.nth(1).getByRole('button', { name: /Rename/ }).click();
  await dialog(anna).getByRole('textbox', { name: 'Name of the device' }).fill('Kitchen');
  await dialog(anna).getByRole('button', { name: 'Save' }).click();
  await expect(devices.nth(1)).toContainText('Kitchen');
  await opensDevices(laptop);
  await expect(laptop.page.getByRole('list', { name: 'Devices', exact: true }).getByRole('listitem').first()).toContainText('Kitchen');
  await expect(laptop.page.getByRole('list', { name: 'History between your devices' }).getByRole('listitem')).toContainText('Done');

  await devices.nth(1).getByRole('button', { name: /Sign out/ }).click();
  await anna.seesNoBarrier();
  await dialog(anna).getByRole('button', { name: 'Sign it out' }).click();
  await expect(laptop.page.getByText(/was signed out from another of yours/)).toBeVisible();
  await expect(devices).toHaveCount(1);
  await laptop.seesNoBarrier();
  await laptop.page.reload();
  await expect(laptop.page.getByText(/was signed out from another of yours/)).toBeVisible();
  await ben.writes('Only for the first');
  await anna.opensChat('Ben');
  await anna.reads('Only for the first');
});

test('a wrong code links nothing, and a device that is not wanted is sent away', async ({ meet }) => {
  const anna = await meet('Anna');
  const laptop = await meet('Laptop', { account: false });
  const code = await showsCode(laptop);
  const wrong = code.slice(0, -1) + (code.endsWith('0') ? '1' : '0');
  await enters(anna, wrong);
  await expect(laptop.page.getByText(/not the same on both devices/)).toBeVisible();
  await expect(dialog(anna).getByRole('alert').first()).toContainText(/not the same|went away/);
  await laptop.page.getByRole('button', { name: 'Show a new code' }).click();
  const again = laptop.page.getByLabel('Code for your other device');
  await expect(again).toBeVisible();
  await dialog(anna).getByRole('textbox', { name: 'Code' }).fill((await again.textContent()).trim());
  await dialog(anna).getByRole('button', { name: 'Next' }).click();
  await dialog(anna).getByRole('button', { name: 'Not mine' }).click();
  await expect(laptop.page.getByText(/said no, or went away/)).toBeVisible();
  await expect(anna.page.getByRole('list', { name: 'Devices', exact: true }).getByRole('listitem')).toHaveCount(1);
  await laptop.page.getByRole('button', { name: 'Cancel' }).click();
  await expect(laptop.page.getByRole('textbox', { name: 'Your name' })).toBeVisible();
});

test('a code is opened with the address that the picture holds, with the keyboard alone', async ({ meet }) => {
  const anna = await meet('Anna');
  const laptop = await meet('Laptop', { account: false });
  const code = await showsCode(laptop);
  await anna.page.goto(`${anna.url}/#device.${code}`);
  const field = dialog(anna).getByRole('textbox', { name: 'Code' });
  await expect(field).toHaveValue(code);
  await expect(field).toBeFocused();
  await anna.page.keyboard.press('Enter');
  await expect(dialog(anna).getByRole('button', { name: 'Link this device' })).toBeVisible();
  const onButton = () => anna.page.evaluate(() => document.activeElement?.textContent);
  for (let tabs = 0; tabs < 8 && (await onButton()) !== 'Link this device'; tabs += 1) await anna.page.keyboard.press('Tab');
  await anna.page.keyboard.press('Enter');
  await expect(dialog(anna).getByText(/^Linked\./)).toBeVisible();
  await expect(laptop.chats()).toBeVisible();
});

for (const [size, viewport] of [['390', { width: 390, height: 844 }], ['820', { width: 820, height: 1180 }], ['1440', { width: 1440, height: 900 }]]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`linking is seen whole at ${size} px, ${colorScheme}`, async ({ meet }) => {
      const anna = await meet('Anna', { viewport, colorScheme });
      const laptop = await meet('Laptop', { account: false, viewport, colorScheme });
      await links(anna, laptop, (person, name) => look(person, `devices-${name}-${size}-${colorScheme}`));
      await look(anna, `devices-list-${size}-${colorScheme}`);
      await look(laptop, `devices-new-${size}-${colorScheme}`);
    });
  }
}

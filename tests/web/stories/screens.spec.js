// Every screen and state at three widths, light and dark: axe finds nothing, nothing sticks out. With
// UNDERTONE_PICTURES=folder, pictures of them are kept, to be looked at.
import path from 'node:path';

import { expect, test, twoPeople } from '../support/story.js';

const PICTURES = process.env.UNDERTONE_PICTURES;
const SIZES = [{ width: 390, height: 844 }, { width: 820, height: 1180 }, { width: 1440, height: 900 }];

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of SIZES) {
    // All of them where pictures are wanted; else the narrow ones in both, and of the wider ones one in each.
    const skipped = !PICTURES && viewport.width !== 390 && (viewport.width === 820) !== (colorScheme === 'dark');
    if (skipped) continue;
    test(`all screens, ${colorScheme}, ${viewport.width} px`, async ({ meet }) => {
      test.setTimeout(240_000);
      const options = { viewport, colorScheme, reducedMotion: 'reduce' };
      const look = async (person, name) => {
        if (PICTURES) await person.page.screenshot({ path: path.join(PICTURES, `${name}-${viewport.width}-${colorScheme}.png`) });
        await person.seesAllOfIt();
        await person.seesNoBarrier();
      };
      const newcomer = await meet('Dora', { account: false, ...options });
      await expect(newcomer.page.getByRole('textbox', { name: 'Your name' })).toBeVisible();
      await look(newcomer, 'welcome');

      const anna = await meet('Anna', options);
      await look(anna, 'first-steps');
      const link = await anna.link();
      const ben = await meet('Ben', options);
      await ben.page.goto(link);
      await expect(ben.page.getByRole('dialog')).toBeVisible();
      await look(ben, 'link-prompt');
      await ben.page.getByRole('button', { name: 'Write to them' }).click();
      await ben.writes('Hello, it is Ben.');
      await look(ben, 'waiting');

      await anna.page.goto(anna.url);
      await expect(anna.chats().getByText('Message request')).toBeVisible();
      await look(anna, 'list-request');
      await anna.chats().getByRole('listitem').filter({ hasText: /request/i }).click();
      await look(anna, 'request');
      await anna.page.getByRole('button', { name: 'Accept' }).click();
      await anna.reads('Hello, it is Ben.');
      for (const text of ['Good that you write.', 'I have the documents now. Shall I bring them on Thursday, or is Friday morning better for you?']) await anna.writes(text);
      await ben.reads('Good that you write.');
      for (const text of ['Thursday', 'At ten, at the usual place. The map is at https://example.org/map?x=1', '👍']) await ben.writes(text);
      await anna.reads('👍');
      await look(anna, 'conversation');
      await anna.page.getByRole('button', { name: 'Emoji' }).click();
      await look(anna, 'emoji');
      await anna.page.keyboard.press('Escape');
      await anna.page.getByRole('link', { name: 'Details' }).click();
      await look(anna, 'details');
      await anna.page.getByRole('link', { name: 'Compare safety number' }).click();
      await expect(anna.page.getByRole('list', { name: 'Safety number' }).getByRole('listitem')).toHaveCount(12);
      await look(anna, 'safety');
      await anna.page.goto(`${anna.url}/new/group`);
      await anna.page.getByRole('textbox', { name: 'Name of the group' }).fill('The garden');
      await anna.page.getByRole('checkbox', { name: 'Ben' }).check();
      await look(anna, 'new-group');
      await anna.page.getByRole('button', { name: 'Create group' }).click();
      await ben.seesList();
      await expect(ben.chats().getByText('The garden')).toBeVisible();
      await look(ben, 'list-group');
      await ben.opensChat('The garden');
      for (const text of ['Who waters on Saturday?', 'I am away until Monday.']) await ben.writes(text);
      await anna.reads('I am away until Monday.');
      await anna.writes('I can.');
      await look(anna, 'group');
      await anna.page.getByRole('link', { name: 'Details' }).click();
      await expect(anna.page.getByRole('button', { name: 'Add people', exact: true })).toBeVisible();
      await look(anna, 'group-details');
      await anna.page.getByRole('button', { name: 'Leave group' }).click();
      await look(anna, 'group-leave');
      await anna.page.keyboard.press('Escape');
      for (const [name, address] of [['new', '/new'], ['settings', '/settings'], ['profile', '/settings/profile'], ['appearance', '/settings/appearance'], ['devices', '/settings/devices'], ['device', '/settings/device'], ['about', '/settings/about']]) {
        await anna.page.goto(anna.url + address);
        await expect(anna.page.getByRole('heading', { level: 1 }).last()).toBeVisible();
        if (name === 'new') await expect(anna.page.getByLabel('My contact link')).toBeVisible();
        await look(anna, name);
      }
      await anna.page.keyboard.press('Control+k');
      await anna.page.getByRole('combobox').fill('documents');
      await expect(anna.page.getByRole('option')).toHaveCount(1);
      await look(anna, 'find');
      await anna.page.keyboard.press('Escape');
      await anna.page.goto(`${anna.url}/chat/${'0'.repeat(32)}`);
      await expect(anna.page.getByRole('heading', { name: 'Nothing is here' })).toBeVisible();
      await look(anna, 'gone');
      await anna.context.setOffline(true);
      await anna.page.getByRole('link', { name: 'Show my chats' }).click();
      await expect(anna.page.getByText('Offline. What you write')).toBeVisible();
      await look(anna, 'offline');
    });
  }
}

test('twice the size of text, and the smallest phone', async ({ meet }) => {
  const { anna } = await twoPeople(meet, { viewport: { width: 360, height: 740 } });
  await anna.seesAllOfIt();
  await anna.page.goto(`${anna.url}/settings/appearance`);
  await anna.page.getByRole('radio', { name: '200' }).check();
  for (const address of ['/', '/new', '/settings', '/settings/devices', '/settings/device']) {
    await anna.page.goto(anna.url + address);
    await expect(anna.page.locator('.frame')).toBeVisible();
    await anna.seesAllOfIt();
    await anna.seesNoBarrier();
  }
});

for (const [language, direction] of [['en-XA', 'ltr'], ['ar-XB', 'rtl']]) {
  test(`long words and the other direction: ${language}`, async ({ meet }) => {
    const { anna } = await twoPeople(meet, { viewport: { width: 390, height: 844 } });
    for (const address of ['/', '/new', '/settings', '/settings/devices', '/settings/device', new URL(anna.page.url()).pathname]) {
      await anna.page.goto(`${anna.url}${address}?language=${language}`);
      await expect(anna.page.locator('html')).toHaveAttribute('dir', direction);
      await expect(anna.page.locator('.frame')).toBeVisible();
      if (PICTURES) await anna.page.screenshot({ path: path.join(PICTURES, `${language}-${address.replaceAll('/', '_')}.png`) });
      await anna.seesAllOfIt();
      await anna.seesNoBarrier();
    }
  });
}

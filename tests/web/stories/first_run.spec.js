import { expect, test } from '../support/story.js';

test('a newcomer needs one field and one button, and is told how things work', async ({ meet }) => {
  const anna = await meet('Anna', { account: false });
  await expect(anna.page.getByRole('textbox')).toHaveCount(1);
  await anna.page.getByRole('button', { name: 'Create account' }).click();
  await expect(anna.page.getByRole('alert').filter({ hasText: 'Write a name first' })).toBeVisible();

  await anna.createsAccount();
  await expect(anna.page).toHaveURL(/\/chat\/[0-9a-f]{32}$/);
  await expect(anna.page.getByRole('heading', { name: 'How things work here' })).toBeVisible();
  const link = await anna.link();
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#1\./);
  await anna.seesNoBarrier();
});

test('a note to oneself stays, also after a reload', async ({ meet }) => {
  const anna = await meet('Anna');
  await anna.writes('Buy bread');
  await anna.hasKept('Buy bread');
  await anna.page.reload();
  await anna.reads('Buy bread');
});

test('an account is not lost when the page is closed and opened again', async ({ meet }) => {
  const anna = await meet('Anna');
  await anna.page.close();
  await anna.opens('/settings/profile');
  await expect(anna.page.getByRole('textbox', { name: 'Your name' })).toHaveValue('Anna');
});

test('from first run to a sent message by keyboard alone', async ({ meet, meetAtTerminal }) => {
  const cora = await meetAtTerminal('Cora');
  const link = await cora.link();
  const anna = await meet('Anna', { account: false });
  const { page } = anna;
  await expect(page.getByRole('textbox', { name: 'Your name' })).toBeFocused();
  await page.keyboard.type('Anna');
  await page.keyboard.press('Enter');
  await expect(anna.field()).toBeFocused();
  await reach(page, page.getByRole('button', { name: 'New chat' }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await reach(page, page.getByRole('textbox', { name: 'Contact link', exact: true }), 'Tab');
  await page.keyboard.insertText(link);
  await page.keyboard.press('Enter');
  await expect(anna.field()).toBeFocused();
  await page.keyboard.type('By keys alone');
  await page.keyboard.press('Enter');
  await anna.reads('By keys alone');
  await expect(async () => {
    await cora.says('receive');
    const [request] = await cora.says('requests');
    await cora.says('request', 'accept', request.id);
  }).toPass();
  await expect(async () => {
    const heard = await cora.says('receive', '--wait', '5', '--count', '1');
    expect(heard.map((event) => event.text)).toContain('By keys alone');
  }).toPass();
});

async function reach(page, target, key) {
  for (let pressed = 0; pressed < 60; pressed += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error('the focus never came there');
}

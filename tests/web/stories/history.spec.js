import { expect, test } from '../support/story.js';
import { writeMany } from '../support/write_many.js';

const MANY = 900;

test('a long history: little of it is in the document, all of it can be reached, and the eye stays where it is', async ({ meet }) => {
  test.setTimeout(240_000);
  const anna = await meet('Anna');
  const { page } = anna;
  await page.evaluate(writeMany, { tab: 'note', count: MANY });
  await expect(anna.messages().locator('.bubble-row').last()).toContainText(`note ${MANY - 1}`);
  await expect(anna.messages().locator('.own .mark').last()).toHaveAttribute('title', 'Sent', { timeout: 150_000 });
  await page.reload();
  await anna.reads(`note ${MANY - 1}`);
  const rows = anna.messages().locator('.bubble-row[id]');
  expect(await rows.count()).toBeLessThanOrEqual(240);

  // Up to the beginning, a screen at a time; what was at the top stays on the screen while more is read.
  await anna.messages().focus();
  await expect(async () => {
    const before = await anchor(page);
    await page.keyboard.press('PageUp');
    await page.waitForFunction(() => document.querySelector('.log').getAttribute('aria-busy') === 'false');
    const after = await anchor(page);
    expect(after.number).toBeLessThanOrEqual(before.number);
    expect(before.number - after.number).toBeLessThan(40);
    expect(await rows.count()).toBeLessThanOrEqual(300);
    await expect(anna.messages().getByText('note 0', { exact: true })).toBeInViewport({ timeout: 50 });
  }).toPass({ intervals: [1], timeout: 150_000 });
  await expect(page.getByRole('heading', { name: 'How things work here' })).toBeAttached();

  await page.getByRole('button', { name: 'To the newest message' }).click();
  await expect(anna.messages().getByText(`note ${MANY - 1}`, { exact: true })).toBeInViewport();

  // From a search to a message in the middle.
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('note 700');
  await page.getByRole('option').filter({ hasText: 'note 700' }).first().click();
  await expect(anna.messages().getByText('note 700', { exact: true })).toBeInViewport();
  const numbers = (await anna.texts()).map((text) => Number(text.split(' ')[1]));
  expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
});

// The number of the first note that is on the screen.
function anchor(page) {
  return page.evaluate(() => {
    const log = document.querySelector('.log');
    const top = log.getBoundingClientRect().top;
    const first = [...log.querySelectorAll('.bubble-row[id]')].find((row) => row.getBoundingClientRect().bottom > top);
    return { number: Number(first?.querySelector('.text')?.textContent.split(' ')[1] ?? 0) };
  });
}

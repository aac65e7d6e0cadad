import { expect, test, twoPeople } from '../support/story.js';

test('a link, a request that shows nothing, and a conversation', async ({ meet }) => {
  const anna = await meet('Anna');
  const ben = await meet('Ben');
  await ben.adds(await anna.link());
  await ben.writes('Hello, it is me');

  const entry = anna.chats().getByRole('listitem').filter({ hasText: /request/i });
  await expect(entry).toHaveCount(1);
  await entry.click();
  await expect(anna.page.getByRole('button', { name: 'Block' })).toBeVisible();
  await expect(anna.page.locator('body')).not.toContainText('Ben');
  await expect(anna.page.locator('body')).not.toContainText('it is me');
  await anna.seesNoBarrier();
  await anna.page.getByRole('button', { name: 'Accept' }).click();
  await anna.reads('Hello, it is me');
  await expect(anna.chats()).toContainText('Ben');

  await anna.writes('Good to hear from you');
  await ben.reads('Good to hear from you');
  await expect(ben.chats()).toContainText('Anna');
  await expect(anna.messages().locator('.own .mark').last()).toHaveAttribute('title', 'Read');
  await ben.seesNoBarrier();
});

test('a single-use link is accepted at once', async ({ meet }) => {
  const anna = await meet('Anna');
  await anna.startsChat();
  await anna.page.getByRole('button', { name: 'Make a link for one person' }).click();
  const once = (await anna.page.getByLabel('Link for one person').textContent()).trim();
  const ben = await meet('Ben');
  await ben.adds(once);
  await ben.writes('I have your link');
  await expect(anna.chats()).toContainText('Ben');
  await anna.opensChat('Ben');
  await anna.reads('I have your link');
});

test("opening somebody's link asks before anything is sent", async ({ meet }) => {
  const anna = await meet('Anna');
  const link = await anna.link();
  const ben = await meet('Ben');
  await ben.page.goto(link);
  const question = ben.page.getByRole('dialog', { name: 'Write to the owner of this link?' });
  await expect(question).toBeVisible();
  await expect(ben.page).toHaveURL(/\/$/);
  await ben.seesNoBarrier();
  await question.getByRole('button', { name: 'Write to them' }).click();
  await expect(ben.field()).toBeVisible();
  await ben.writes('By your link');
  await anna.acceptsRequest();
  await anna.reads('By your link');
});

test('a link is followed by somebody who has no account yet', async ({ meet }) => {
  const anna = await meet('Anna');
  const link = await anna.link();
  const ben = await meet('Ben', { account: false });
  await ben.page.goto('about:blank');
  await ben.page.goto(link);
  await expect(ben.page.getByText('Somebody gave you their link')).toBeVisible();
  await ben.page.getByRole('textbox', { name: 'Your name' }).fill('Ben');
  await ben.page.getByRole('button', { name: 'Create account' }).click();
  await ben.page.getByRole('button', { name: 'Write to them' }).click();
  await expect(ben.field()).toBeVisible();
  await ben.writes('New here');
  await anna.acceptsRequest();
  await anna.reads('New here');
});

test('what cannot be a link is said plainly, and stays in the field', async ({ meet }) => {
  const anna = await meet('Anna');
  const own = await anna.link();
  await anna.startsChat();
  const field = anna.page.getByRole('textbox', { name: 'Contact link', exact: true });
  const sayings = [['hello', 'This is not a contact link'], [own, 'This is your own link'], ['https://other.example/#1.AAAA', 'not a contact link']];
  for (const [text, saying] of sayings) {
    await field.fill(text);
    await anna.page.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(anna.page.getByRole('alert').filter({ hasText: saying })).toBeVisible();
    await expect(field).toHaveValue(text);
  }
});

test('a request is deleted, or its sender blocked, and nothing more is heard', async ({ meet }) => {
  const anna = await meet('Anna');
  const link = await anna.link();
  for (const [name, button] of [['Ben', 'Delete'], ['Dora', 'Block']]) {
    const other = await meet(name);
    await other.adds(link);
    await anna.chats().getByRole('listitem').filter({ hasText: /request/i }).click();
    await anna.page.getByRole('button', { name: button }).click();
    await expect(anna.chats().getByRole('listitem').filter({ hasText: /request/i })).toHaveCount(0);
    await expect(anna.page).toHaveURL(/\/$/);
  }
});

test('both compare the same safety number, and the mark stays', async ({ meet }) => {
  const { anna, ben } = await twoPeople(meet);
  const numbers = [];
  for (const person of [anna, ben]) {
    await person.page.getByRole('link', { name: 'Details' }).click();
    await person.page.getByRole('link', { name: 'Compare safety number' }).click();
    const groups = person.page.getByRole('list', { name: 'Safety number' }).getByRole('listitem');
    await expect(groups).toHaveCount(12);
    numbers.push(await groups.allTextContents());
    await person.seesNoBarrier();
  }
  expect(numbers[0]).toEqual(numbers[1]);
  expect(numbers[0].every((group) => /^\d{5}$/.test(group))).toBe(true);
  await anna.page.getByRole('button', { name: 'mark as verified' }).click();
  await expect(anna.page.getByText('You have verified')).toBeVisible();
  await anna.page.reload();
  await expect(anna.page.getByText('You have verified')).toBeVisible();
});

test('a blocked contact is heard no more, and again when unblocked', async ({ meet }) => {
  const { anna, ben } = await twoPeople(meet);
  await anna.page.getByRole('link', { name: 'Details' }).click();
  await anna.page.getByRole('button', { name: 'Block' }).click();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Block' }).click();
  await expect(anna.page.getByText('You have blocked this person.', { exact: false }).first()).toBeVisible();
  await anna.seesNoBarrier();
  await ben.writes('Are you there?');
  await anna.page.getByRole('button', { name: 'Unblock' }).first().click();
  await expect(anna.field()).toBeVisible();
  await expect(anna.messages().getByText('Are you there?')).toHaveCount(0);
});

test('unread messages are counted, divided off, and read when seen', async ({ meet }) => {
  const { anna, ben } = await twoPeople(meet);
  await anna.page.getByRole('link', { name: /Note to self/ }).click();
  for (const text of ['one', 'two', 'three']) await ben.writes(text);
  await expect(anna.chats().getByText(/3.? unread messages/)).toBeAttached();
  await anna.opensChat(/Ben/);
  await expect(anna.messages().getByText('New messages')).toBeVisible();
  await expect(anna.chats().getByText(/3.? unread messages/)).toHaveCount(0);
  await expect(ben.messages().locator('.own .mark').last()).toHaveAttribute('title', 'Read');
});

test('what is typed and not sent stays where it was typed', async ({ meet }) => {
  const { anna } = await twoPeople(meet);
  await anna.field().fill('Not finished');
  await expect(anna.chats()).toContainText('Draft');
  await anna.page.reload();
  await expect(anna.field()).toHaveValue('Not finished');
  await anna.page.getByRole('link', { name: /Note to self/ }).click();
  await expect(anna.field()).toHaveValue('');
  await anna.opensChat(/Ben/);
  await expect(anna.field()).toHaveValue('Not finished');
  // What was sent is a draft no more, even if the page goes in the same moment.
  await anna.field().press('Enter');
  await anna.hasKept('Not finished');
  await anna.page.reload();
  await anna.reads('Not finished');
  await expect(anna.field()).toHaveValue('');
  await expect(anna.chats()).not.toContainText('Draft');
});

test('several lines, links and emoji arrive as they were written', async ({ meet }) => {
  const { anna, ben } = await twoPeople(meet);
  await anna.field().fill('first line');
  await anna.field().press('Shift+Enter');
  await anna.field().pressSequentially('see https://example.org/a?b#c.');
  await anna.field().press('Enter');
  const link = ben.messages().getByRole('link', { name: 'https://example.org/a?b#c', exact: true });
  await expect(link).toHaveAttribute('rel', /noopener noreferrer/);
  await expect(ben.messages()).toContainText('first line\nsee https://example.org/a?b#c.');
  await anna.page.getByRole('button', { name: 'Emoji' }).click();
  await anna.page.getByRole('searchbox', { name: 'Find an emoji' }).fill('rose');
  await anna.seesNoBarrier();
  await anna.page.getByRole('button', { name: /rose/ }).click();
  await anna.field().press('Enter');
  await ben.reads('🌹');
  await anna.writes('<img src=x onerror=alert(1)> & <b>not bold</b>');
  await ben.reads('<img src=x onerror=alert(1)> & <b>not bold</b>');
});

test('chats and messages are found by their words', async ({ meet }) => {
  const { anna, ben } = await twoPeople(meet);
  await ben.writes('The archive is in Łódź');
  await anna.reads('The archive is in Łódź');
  await anna.page.keyboard.press('Control+k');
  const field = anna.page.getByRole('combobox', { name: 'Find chats and messages' });
  await expect(field).toBeFocused();
  await field.fill('lodz');
  await expect(anna.page.getByRole('option')).toHaveCount(1);
  await anna.seesNoBarrier();
  await field.press('Enter');
  await expect(anna.messages().locator('.found')).toContainText('Łódź');
});

test('a name is changed, and contacts see it', async ({ meet }) => {
  const { anna, ben } = await twoPeople(meet);
  await anna.page.getByRole('link', { name: 'Settings' }).click();
  await anna.page.getByRole('region', { name: 'Settings' }).getByRole('link', { name: /Profile/ }).click();
  await anna.page.getByRole('textbox', { name: 'Your name' }).fill('Anna Maria');
  await anna.page.getByRole('button', { name: 'Save' }).click();
  await expect(ben.chats()).toContainText('Anna Maria');
});

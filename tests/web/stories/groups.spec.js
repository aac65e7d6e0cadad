import path from 'node:path';

import { expect, test } from '../support/story.js';

const PICTURES = process.env.UNDERTONE_PICTURES;

/** Anna and those whose names are given, all of whom have accepted each other with her. */
async function annaAndOthers(meet, names, options = {}) {
  const anna = await meet('Anna', options);
  const link = await anna.link();
  const others = [];
  for (const name of names) {
    const other = await meet(name, options);
    await other.adds(link);
    await anna.acceptsRequest();
    await anna.writes(`Hello ${name}`);
    await other.reads(`Hello ${name}`);
    others.push(other);
  }
  return [anna, ...others];
}

/** Anna makes a group of all of them, and everybody is in it. */
async function group(anna, others, title) {
  await anna.startsChat();
  await anna.page.getByRole('link', { name: 'New group' }).click();
  await anna.page.getByRole('textbox', { name: 'Name of the group' }).fill(title);
  for (const other of others) await anna.page.getByRole('checkbox', { name: other.name }).check();
  await anna.page.getByRole('button', { name: 'Create group' }).click();
  await expect(anna.field()).toBeVisible();
  for (const other of others) {
    await other.opensChat(title);
  }
}

/** Names and numbers stand in sentences between marks of direction, which nobody sees. */
const says = (words) => new RegExp(words.split(' ').map((word) => word.replace(/[.:]$/, '.?$&')).join('.? .?'));

const details = (person) => person.page.getByRole('complementary', { name: 'Details' }).or(person.page.getByRole('main', { name: 'Details' }));

async function opensDetails(person) {
  await person.page.getByRole('link', { name: 'Details' }).click();
  await expect(details(person).getByRole('heading', { name: 'Encryption' })).toBeVisible();
}

/** What is shown has no barrier and sticks out nowhere; and a picture of it, if pictures are wanted. */
async function look(person, name) {
  await person.seesAllOfIt();
  await person.seesNoBarrier();
  if (PICTURES) await person.page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
}

test('four people make a group, write with their names, and part one after another', async ({ meet }) => {
  test.setTimeout(240_000);
  const [anna, ben, cora, dora] = await annaAndOthers(meet, ['Ben', 'Cora', 'Dora']);
  await group(anna, [ben, cora, dora], 'The garden');
  const all = [anna, ben, cora, dora];
  for (const person of all) await expect(person.page.getByText(says('4 people, end-to-end encrypted'))).toBeVisible();
  for (const person of all) {
    await person.writes(`Here is ${person.name}`);
    for (const other of all) await other.reads(`Here is ${person.name}`);
  }
  const said = ben.messages().locator('.bubble-row').filter({ hasText: 'Here is Anna' });
  await expect(said.locator('.by')).toHaveText('Anna');
  await expect(ben.chats().getByRole('link', { name: /The garden/ })).toContainText(says('Dora: Here is Dora'));
  await expect(anna.messages().getByText(says('You made this group'))).toBeAttached();
  await expect(ben.messages().getByText(says('Anna added you'))).toBeAttached();
  await anna.seesNoBarrier();

  await opensDetails(anna);
  await expect(details(anna).getByRole('list', { name: 'People in this group' }).getByRole('listitem')).toHaveCount(4);
  await anna.seesNoBarrier();
  await details(anna).getByRole('button', { name: 'Dora' }).click();
  await anna.seesNoBarrier();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Remove from the group' }).click();
  await expect(anna.page.getByRole('dialog')).toHaveCount(0);
  await expect(dora.page.getByText('You were removed from this group.')).toBeVisible();
  await expect(dora.field()).toHaveCount(0);
  await expect(dora.messages().getByText(says('Anna removed you'))).toBeVisible();
  await dora.seesNoBarrier();
  await expect(ben.messages().getByText(says('Anna removed Dora'))).toBeVisible();
  await ben.writes('Without Dora');
  await anna.reads('Without Dora');
  await cora.reads('Without Dora');
  await expect(dora.messages().getByText('Without Dora')).toHaveCount(0);

  await opensDetails(cora);
  await details(cora).getByRole('button', { name: 'Leave group' }).click();
  await expect(cora.page.getByRole('dialog')).toContainText('You get nothing more');
  await cora.seesNoBarrier();
  await cora.page.getByRole('dialog').getByRole('button', { name: 'Leave group' }).click();
  await expect(cora.page.getByText('You have left this group.').first()).toBeVisible();
  await expect(anna.messages().getByText(says('Cora left; only admins are told'))).toBeVisible();
  await expect(details(anna).getByRole('heading', { name: says('2 people') })).toBeVisible();

  await details(anna).getByRole('button', { name: 'End group for everybody' }).click();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'End group for everybody' }).click();
  for (const person of [anna, ben]) await expect(person.page.getByText('This group was ended for everybody.').first()).toBeVisible();
});

test('what an admin changes, all see: name, rules, roles, people', async ({ meet }) => {
  test.setTimeout(240_000);
  const [anna, ben, cora] = await annaAndOthers(meet, ['Ben', 'Cora']);
  await group(anna, [ben], 'The garden');
  await opensDetails(anna);
  await opensDetails(ben);
  await expect(details(ben).getByText(says('Everybody can write.'))).toBeVisible();
  await expect(details(ben).getByRole('button', { name: says('let only admins write') })).toHaveCount(0);

  await details(anna).getByRole('button', { name: 'Change name', exact: true }).click();
  await anna.page.getByRole('textbox', { name: 'Name of the group' }).fill('The allotment');
  await anna.page.getByRole('button', { name: 'Save' }).click();
  await expect(anna.page.getByRole('dialog')).toHaveCount(0);
  await expect(ben.chats()).toContainText('The allotment');
  await expect(ben.messages().getByText(says('Anna named the group'))).toBeAttached();
  await details(anna).getByRole('button', { name: 'Change description', exact: true }).click();
  await anna.page.getByRole('textbox', { name: 'What it is for' }).fill('Who waters when');
  await anna.page.getByRole('button', { name: 'Save' }).click();
  await expect(details(ben).getByText('Who waters when', { exact: true })).toBeVisible();

  await details(anna).getByRole('button', { name: says('let only admins write') }).click();
  await expect(details(anna).getByText(says('Only admins can write.'))).toBeVisible();
  await expect(ben.page.getByText('Only admins write in this group.')).toBeVisible();
  await expect(ben.field()).toHaveCount(0);
  await ben.seesNoBarrier();
  await details(anna).getByRole('button', { name: 'Ben' }).click();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Make admin' }).click();
  await expect(ben.field()).toBeVisible();
  await ben.writes('Now I can');
  await anna.reads('Now I can');

  await details(anna).getByRole('button', { name: says('let everybody write') }).click();
  await expect(details(anna).getByText(says('Everybody can write.'))).toBeVisible();
  await details(anna).getByRole('button', { name: 'Add people', exact: true }).click();
  await expect(anna.page.getByRole('checkbox', { name: 'Ben' })).toHaveCount(0);
  await anna.page.getByRole('checkbox', { name: 'Cora' }).check();
  await anna.seesNoBarrier();
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
  await expect(anna.page.getByRole('dialog')).toHaveCount(0);
  await expect(cora.chats()).toContainText('The allotment');
  await cora.opensChat('The allotment');
  await expect(cora.messages().getByText('Now I can')).toHaveCount(0);
  await cora.writes('Hello all');
  await ben.reads('Hello all');
  // More than three changes one after another are one line, until it is unfolded.
  const changes = anna.messages().locator('.changes details').first();
  await expect(changes.getByText(/changes/)).toBeVisible();
  await changes.locator('summary').click();
  await expect(changes.getByText(says('You let only admins write'))).toBeVisible();
  await anna.seesNoBarrier();

  await details(anna).getByText('Who can read').click();
  for (const name of ['Anna', 'Ben', 'Cora']) {
    await expect(details(anna).getByText(new RegExp(`${name}.*, with 1 device`))).toBeVisible();
  }
  await expect(details(anna).getByText(/a device that came on/).first()).toBeVisible();
  await details(anna).getByText('Compare what you see').click();
  await expect(details(anna).locator('.digits')).toHaveText(/^([0-9a-f]{4} ){7}[0-9a-f]{4}$/);
  await details(anna).locator('.digits').scrollIntoViewIfNeeded();
  await look(anna, 'group-encryption');
  await anna.opensChat(/^Ben/);
  await opensDetails(anna);
  await expect(details(anna).getByText(/The keys have changed/)).toBeVisible();
  await anna.seesNoBarrier();
});

test('who wants to be asked first is invited, learns nothing but the size, and decides', async ({ meet }) => {
  test.setTimeout(240_000);
  const [anna, ben, cora] = await annaAndOthers(meet, ['Ben', 'Cora']);
  for (const person of [ben, cora]) {
    const chat = new URL(person.page.url()).pathname;
    await person.page.goto(`${person.url}/settings/profile`);
    await person.page.getByRole('radio', { name: 'Ask me first' }).check();
    await person.seesNoBarrier();
    await person.page.reload();
    await expect(person.page.getByRole('radio', { name: 'Ask me first' })).toBeChecked();
    await person.page.goto(person.url + chat);
  }
  await anna.startsChat();
  await anna.page.getByRole('link', { name: 'New group' }).click();
  await anna.page.getByRole('textbox', { name: 'Name of the group' }).fill('The garden');
  for (const name of ['Ben', 'Cora']) await anna.page.getByRole('checkbox', { name }).check();
  await anna.seesNoBarrier();
  await anna.page.getByRole('button', { name: 'Create group' }).click();
  await opensDetails(anna);
  await expect(anna.messages().getByText(says('Ben is asked whether they want to be added'))).toBeAttached();
  for (const [person, button] of [[ben, 'Accept'], [cora, 'Decline']]) {
    await person.chats().getByRole('listitem').filter({ hasText: 'Invitation to a group' }).click();
    await expect(person.page.locator('.lead').filter({ hasText: says('Anna invites you to a group of') })).toBeVisible();
    await expect(person.page.locator('body')).not.toContainText('The garden');
    await person.seesNoBarrier();
    await person.page.getByRole('button', { name: button }).click();
    await expect(person.chats().getByText('Invitation to a group')).toHaveCount(0);
  }
  await ben.opensChat('The garden');
  await ben.writes('Here I am');
  await anna.reads('Here I am');
  await expect(anna.messages().getByText(says('Cora does not want to be added'))).toBeAttached();
  await expect(details(anna).getByRole('button', { name: 'Cora' })).toHaveCount(0);
  await expect(cora.chats()).not.toContainText('The garden');
});

test('a name is offered after the sign for it', async ({ meet }) => {
  const [anna, ben] = await annaAndOthers(meet, ['Ben']);
  await group(anna, [ben], 'The garden');
  await anna.field().pressSequentially('Ask @b');
  await expect(anna.page.getByRole('option', { name: 'Ben' })).toBeVisible();
  await anna.seesNoBarrier();
  await anna.field().press('Enter');
  await expect(anna.field()).toHaveValue('Ask @Ben ');
  await expect(anna.page.getByRole('option')).toHaveCount(0);
  await anna.field().press('Enter');
  await ben.reads('Ask @Ben');
  await expect(ben.messages().locator('.mention.me')).toHaveText('@Ben');
  await expect(anna.messages().locator('.mention')).toHaveText('@Ben');
  await expect(anna.messages().locator('.mention.me')).toHaveCount(0);
  await look(anna, 'mention-own');
  await look(ben, 'mention');
});

test('a name of one\'s own in one group, and the usual one again', async ({ meet }) => {
  const [anna, ben] = await annaAndOthers(meet, ['Ben']);
  await group(anna, [ben], 'The garden');
  await opensDetails(ben);
  await expect(details(ben).getByText('People here see your usual name.')).toBeVisible();
  const called = async (name) => {
    await details(ben).getByRole('button', { name: 'Use another name here' }).click();
    await ben.page.getByRole('textbox', { name: /Your name in this group/ }).fill(name);
    await ben.seesNoBarrier();
    await ben.page.getByRole('button', { name: 'Save' }).click();
    await expect(ben.page.getByRole('dialog')).toHaveCount(0);
  };
  await called('Benjamin');
  await expect(details(ben).getByText(says('People here see the name Benjamin.'))).toBeVisible();
  await called('');
  await expect(details(ben).getByText('People here see your usual name.')).toBeVisible();
});

for (const viewport of [{ width: 390, height: 844 }, { width: 1440, height: 900 }]) {
  test(`groups at ${viewport.width} px`, async ({ meet }) => {
    test.setTimeout(240_000);
    const [anna, ben] = await annaAndOthers(meet, ['Ben'], { viewport });
    await group(anna, [ben], 'The people who look after the garden behind the old station');
    await ben.writes('At ten, behind the old station. Bring the long ladder, the short one is broken.');
    await anna.reads('At ten, behind the old station. Bring the long ladder, the short one is broken.');
    const under = anna.page.locator('.head-under');
    await expect(under.getByText(says(viewport.width < 480 ? '2 people, encrypted' : '2 people, end-to-end encrypted'))).toBeVisible();
    expect(await under.evaluate((line) => line.scrollHeight <= line.clientHeight), 'all of it is read').toBe(true);
    await look(anna, `group-${viewport.width}`);
    await opensDetails(anna);
    await look(anna, `group-details-${viewport.width}`);
    for (const [button, name] of [['Ben', 'member'], ['Add people', 'add'], ['Change name', 'title'], ['Leave group', 'leave'], ['End group for everybody', 'end']]) {
      const opener = details(anna).getByRole('button', { name: button, exact: true });
      await opener.click();
      await expect(anna.page.getByRole('dialog')).toBeVisible();
      await look(anna, `group-${name}-${viewport.width}`);
      await anna.page.keyboard.press('Escape');
      await expect(anna.page.getByRole('dialog')).toHaveCount(0);
      await expect(opener).toBeFocused();
    }
  });
}

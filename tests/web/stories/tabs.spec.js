import { expect, test, twoPeople } from '../support/story.js';

test('a second tab shows the same and can do the same', async ({ meet }) => {
  const { anna, ben } = await twoPeople(meet);
  const path = new URL(anna.page.url()).pathname;
  const first = anna.page;
  await anna.opens(path);
  await anna.reads('Hello Ben');
  await anna.writes('From the second tab');
  await ben.reads('From the second tab');
  anna.page = first;
  await anna.reads('From the second tab');
  await ben.writes('Seen in both?');
  await anna.reads('Seen in both?');
});

for (const [how, end] of [
  ['closed', (page) => page.close()],
  ['crashed', async (page) => {
    const session = await page.context().newCDPSession(page);
    session.send('Page.crash').catch(() => {});
    await page.waitForEvent('crash');
  }],
]) {
  test(`the leading tab is ${how} in the middle of 500 messages of two others: none is lost or doubled`, async ({ meet, meetAtTerminal }) => {
    test.setTimeout(240_000);
    const cora = await meetAtTerminal('Cora');
    const anna = await meet('Anna');
    await anna.adds(await cora.link());
    const path = new URL(anna.page.url()).pathname;
    const leader = anna.page;
    const others = [];
    for (const tab of ['left', 'right']) {
      const page = await anna.opens(path);
      await expect(anna.field()).toBeVisible();
      others.push({ tab, page });
    }
    let written = 0;
    const write = async ({ tab, page }) => {
      const field = page.getByRole('textbox', { name: 'Message', exact: true });
      for (let number = 0; number < 250; number += 1) {
        await field.fill(`${tab} ${number}`);
        await field.press('Enter');
        written += 1;
      }
    };
    const writing = Promise.all(others.map(write));
    await expect.poll(() => written, { intervals: [5] }).toBeGreaterThan(180);
    await end(leader);
    await writing;

    await expect(async () => {
      await cora.says('receive');
      const [request] = await cora.says('requests');
      if (request) await cora.says('request', 'accept', request.id);
      await cora.says('receive', '--wait', '2');
      const [chat] = (await cora.says('chats')).filter((chat) => chat.kind === 'direct');
      const texts = (await cora.says('history', chat.chat, '--last', '2000')).map((message) => message.text);
      expect(texts.length).toBe(500);
    }).toPass({ timeout: 120_000 });
    const [chat] = (await cora.says('chats')).filter((chat) => chat.kind === 'direct');
    const texts = (await cora.says('history', chat.chat, '--last', '2000')).map((message) => message.text);
    for (const { tab } of others) {
      const theirs = texts.filter((text) => text.startsWith(tab));
      expect(theirs).toEqual(Array.from({ length: 250 }, (_, number) => `${tab} ${number}`));
    }
  });
}

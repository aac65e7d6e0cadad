import { expect, test, twoPeople } from '../support/story.js';
import { writeMany } from '../support/write_many.js';

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
    test.setTimeout(480_000);
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
    const writing = Promise.all(others.map(({ tab, page }) => page.evaluate(writeMany, { tab, count: 250 })));
    const written = async () => {
      const counts = await Promise.all(others.map(({ page }) => page.evaluate(() => window.written ?? 0)));
      return counts[0] + counts[1];
    };
    await expect.poll(written, { intervals: [10], timeout: 60_000 }).toBeGreaterThan(180);
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
    }).toPass({ timeout: 300_000 });
    const [chat] = (await cora.says('chats')).filter((chat) => chat.kind === 'direct');
    const texts = (await cora.says('history', chat.chat, '--last', '2000')).map((message) => message.text);
    for (const { tab } of others) {
      const theirs = texts.filter((text) => text.startsWith(tab));
      expect(theirs).toEqual(Array.from({ length: 250 }, (_, number) => `${tab} ${number}`));
    }
  });
}

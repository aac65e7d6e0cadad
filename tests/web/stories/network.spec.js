import { expect, test, twoPeople } from '../support/story.js';

test('offline is calm, and what is written then goes out later', async ({ meet }) => {
  const { anna, ben } = await twoPeople(meet);
  await anna.context.setOffline(true);
  await expect(anna.page.getByText('Offline. What you write is kept and sent later.')).toBeVisible();
  await anna.writes('Written offline');
  await anna.reads('Written offline');
  await expect(anna.messages().locator('.own .mark').last()).toHaveAttribute('title', 'Waiting to be sent');
  await anna.seesNoBarrier();
  await anna.context.setOffline(false);
  await ben.reads('Written offline');
  await expect(anna.page.getByText('Offline. What you write')).toHaveCount(0);
});

test('a server that is killed and comes back loses nothing', async ({ meet, server }) => {
  const { anna, ben } = await twoPeople(meet);
  await server.kill();
  await anna.writes('While it was away');
  await ben.writes('Me too');
  await server.again();
  await ben.reads('While it was away');
  await anna.reads('Me too');
  await expect(anna.messages().getByText('While it was away', { exact: true })).toHaveCount(1);
});

test('the page opens without a network once the browser keeps a release', async ({ meet, server }) => {
  const anna = await meet('Anna');
  await anna.writes('Kept here');
  await expect(async () => {
    const controlled = await anna.page.evaluate(() => navigator.serviceWorker.controller !== null);
    expect(controlled).toBe(true);
  }).toPass();
  await server.kill();
  await anna.page.reload();
  await anna.reads('Kept here');
  await anna.page.goto(`${server.url}/settings/about`);
  await expect(anna.page.locator('.hash')).toHaveText(/^[0-9a-f]{64}$/);
});

test('a conversation with somebody at the command line', async ({ meet, meetAtTerminal }) => {
  const cora = await meetAtTerminal('Cora');
  const anna = await meet('Anna');
  await anna.adds(await cora.link());
  await anna.writes('From the browser');
  await expect(async () => {
    await cora.says('receive');
    const [request] = await cora.says('requests');
    await cora.says('request', 'accept', request.id);
  }).toPass();
  await expect(async () => {
    const heard = await cora.says('receive', '--wait', '5', '--count', '1');
    expect(heard.some((event) => event.text === 'From the browser')).toBe(true);
  }).toPass();
  await cora.says('send', 'Anna', 'From the terminal', '--wait', '10');
  await anna.reads('From the terminal');
  await expect(anna.chats()).toContainText('Cora');
});

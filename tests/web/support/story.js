// What every story has: a server, and people who come and leave. A story in which a fault happened has failed.
import { test as base, expect } from '@playwright/test';

import { Person } from './person.js';
import { Server } from './server.js';
import { Terminal } from './terminal.js';

export const test = base.extend({
  server: async ({}, use) => {
    const server = await Server.start();
    await use(server);
    await server.stop();
  },

  /** `await meet('Anna')`: a person with a browser of their own and an account. */
  meet: async ({ browser, server }, use) => {
    const people = [];
    await use(async (name, { account = true, ...options } = {}) => {
      const person = new Person(name, await browser.newContext(options), server.url);
      people.push(person);
      await person.opens();
      if (account) await person.createsAccount();
      return person;
    });
    const faults = people.flatMap((person) => person.faults.map((fault) => `${person.name}: ${fault}`));
    for (const person of people) await person.leaves();
    expect(faults).toEqual([]);
  },

  /** `await meetAtTerminal('Cora')`: a person at the command line. */
  meetAtTerminal: async ({ server }, use) => {
    const people = [];
    await use(async (name) => {
      const person = await Terminal.create(server, name);
      people.push(person);
      return person;
    });
    for (const person of people) await person.remove();
  },
});

/** Two people who have accepted each other and have the conversation open. */
export async function twoPeople(meet, options = {}) {
  const anna = await meet('Anna', options);
  const ben = await meet('Ben', options);
  await ben.adds(await anna.link());
  await anna.acceptsRequest();
  await anna.writes('Hello Ben');
  await ben.reads('Hello Ben');
  return { anna, ben };
}

export { expect };

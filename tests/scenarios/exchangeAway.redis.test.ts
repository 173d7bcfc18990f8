import { afterAll, expect, test } from 'vitest';
import { startSystem } from '../kit/system.ts';

// Goal: the original's fourth scenario, with an orderly stop and with SIGKILL: what an order needs is away until after its
// deadline, and what comes back late changes nothing. Method: the launcher's own lines, as a user types them.
const system = await startSystem();
afterAll(() => system.stop());
const { client } = system;

const expired = ['OrderCreated', 'DeadlineReached', 'OrderRejected'];
const rejected = 'REJECTED DUE TO DEADLINE';

test('4: exchange is stopped, and started again after the deadline', async () => {
  await client.openAccount('stopped', 9_500);
  await system.say('stop exchange', 'exchange: stopped');
  const { id } = await client.placeOrder({ holderId: 'stopped', amount: 500 });
  expect((await client.settled(id)).status).toBe(rejected);
  expect(await client.ask('GET', '/exchanges')).toMatchObject({ status: 503 });
  await system.say('start exchange', 'exchange: up');

  expect(await client.ignoredBy('exchange', id)).toMatchObject({ why: 'EXPIRED' });
  await expectNothingTaken(id, 'stopped');
  const { id: next } = await client.placeOrder({ holderId: 'stopped', amount: 500 });
  expect((await client.settled(next)).status).toBe('APPROVED');
});

test('4: exchange is killed with work in hand, and comes back after the deadline', async () => {
  await client.openAccount('killed', 9_500);
  // It sleeps on this one when it is killed: the entry stays pending, in the name of a consumer that is dead.
  const { id: inHand } = await client.placeOrder({ holderId: 'killed', currencyId: '200', amount: 500 });
  await system.say('kill exchange', 'exchange: ended with SIGKILL');
  await system.say('stop exchange', 'exchange: stopped');
  const { id: unread } = await client.placeOrder({ holderId: 'killed', amount: 500 });
  for (const id of [inHand, unread]) expect((await client.settled(id)).status).toBe(rejected);
  await system.say('start exchange', 'exchange: up');

  for (const id of [inHand, unread]) {
    expect((await client.ignoredBy('exchange', id, 10_000)).why).toMatch(/^(EXPIRED|VOIDED)$/);
    await expectNothingTaken(id, 'killed');
  }
});

test('4: exchange is killed and comes back by itself in time: the order does not notice', async () => {
  await client.openAccount('lucky', 9_500);
  const before = await system.pidOf('exchange');
  await system.say('kill exchange', 'exchange: ended with SIGKILL');
  const { id } = await client.placeOrder({ holderId: 'lucky', amount: 500 });
  expect((await client.settled(id)).status).toBe('APPROVED');
  expect(await system.pidOf('exchange')).not.toBe(before);
  expect((await client.account('lucky')).point).toBe(9_000);
});

async function expectNothingTaken(id: number, userId: string): Promise<void> {
  expect(await client.eventTypes(id)).toEqual(expired);
  expect(await client.statusOf('exchanges', id)).toBe('VOIDED');
  expect(await client.statusOf('transactions', id)).toBeUndefined();
  expect(await client.account(userId)).toEqual({ userId, point: 9_500, deposited: 9_500, used: 0 });
}

import { afterAll, describe, expect, test } from 'vitest';
import type { SagaClient } from '../kit/sagaClient.ts';
import { startSystem } from '../kit/system.ts';

// Goal: the original's fourth scenario, with an orderly stop and with SIGKILL: what an order needs is away until after its
// deadline, and what comes back late changes nothing. Method: the launcher's own lines, as a user types them; two systems,
// so that both can wait for a deadline at the same time.
const [stopping, killing] = await Promise.all([startSystem(), startSystem()]);
afterAll(() => Promise.all([stopping.stop(), killing.stop()]));

const expired = ['OrderCreated', 'DeadlineReached', 'OrderRejected'];
const rejected = 'REJECTED DUE TO DEADLINE';

describe.concurrent('4: exchange is away until after the deadline', () => {
  test('stopped, and started again', async () => {
    const { client, say } = stopping;
    await client.openAccount('jjy', 9_500);
    await say('stop exchange', 'exchange: stopped');
    const { id } = await client.placeOrder({ holderId: 'jjy', amount: 500 });
    expect((await client.settled(id)).status).toBe(rejected);
    expect(await client.ask('GET', '/exchanges')).toMatchObject({ status: 503 });
    await say('start exchange', 'exchange: up');

    expect(await client.ignoredBy('exchange', id)).toMatchObject({ why: 'EXPIRED' });
    await expectNothingTaken(client, id);
    const { id: next } = await client.placeOrder({ holderId: 'jjy', amount: 500 });
    expect((await client.settled(next)).status).toBe('APPROVED');
  });

  test('killed with work in hand, and started again', async () => {
    const { client, say } = killing;
    await client.openAccount('jjy', 9_500);
    // It sleeps on this one when it is killed: the entry stays pending, in the name of a consumer that is dead.
    const { id: inHand } = await client.placeOrder({ holderId: 'jjy', currencyId: '200', amount: 500 });
    await say('kill exchange', 'exchange: ended with SIGKILL');
    await say('stop exchange', 'exchange: stopped');
    const { id: unread } = await client.placeOrder({ holderId: 'jjy', amount: 500 });
    for (const id of [inHand, unread]) expect((await client.settled(id)).status).toBe(rejected);
    await say('start exchange', 'exchange: up');

    for (const id of [inHand, unread]) {
      expect((await client.ignoredBy('exchange', id, 10_000)).why).toMatch(/^(EXPIRED|VOIDED)$/);
      await expectNothingTaken(client, id);
    }
  });
});

test('4: exchange is killed and comes back by itself in time: the order does not notice', async () => {
  const { client, say, pidOf } = killing;
  await client.openAccount('lucky', 9_500);
  const before = await pidOf('exchange');
  await say('kill exchange', 'exchange: ended with SIGKILL');
  const { id } = await client.placeOrder({ holderId: 'lucky', amount: 500 });
  expect((await client.settled(id)).status).toBe('APPROVED');
  expect(await pidOf('exchange')).not.toBe(before);
  expect((await client.account('lucky')).point).toBe(9_000);
});

async function expectNothingTaken(client: SagaClient, id: number): Promise<void> {
  expect(await client.eventTypes(id)).toEqual(expired);
  expect(await client.statusOf('exchanges', id)).toBe('VOIDED');
  expect(await client.statusOf('transactions', id)).toBeUndefined();
  expect(await client.account('jjy')).toEqual({ userId: 'jjy', point: 9_500, deposited: 9_500, used: 0 });
}

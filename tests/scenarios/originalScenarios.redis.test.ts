import { afterAll, describe, expect, test } from 'vitest';
import { startSystem } from '../kit/system.ts';
import { until } from '../kit/until.ts';

// Goal: the original's scenarios end right, for a user who knows nothing but the gateway. Method: the whole system in
// real processes with the real deadline of 10 s; each scenario has a user of its own, so that they run side by side.
const system = await startSystem();
afterAll(() => system.stop());
const { client } = system;

const late = ['OrderCreated', 'DeadlineReached', 'OrderRejected'];

describe.concurrent('what the original document walks through', () => {
  test('1: points are paid in', async () => {
    expect(await client.ask('POST', '/points', { userId: 'one', point: '10000' })).toMatchObject({
      status: 201,
      body: { userId: 'one', point: 10_000 },
    });
    expect(await client.account('one')).toEqual({ userId: 'one', point: 10_000, deposited: 10_000, used: 0 });
  });

  test('2: an order is approved, and every service shows its part of it', async () => {
    await client.openAccount('two', 10_000);
    const { id, status, createdAt, deadline } = await client.placeOrder({ holderId: 'two', amount: 500 });
    expect(status).toBe('PENDING');
    expect(Date.parse(deadline) - Date.parse(createdAt)).toBe(10_000);

    const order = await client.settled(id);
    expect(order).toMatchObject({ id, status: 'APPROVED', holderId: 'two', currencyId: '1', amount: 500 });
    expect(Date.parse(order.settledAt ?? '') - Date.parse(createdAt)).toBeLessThan(5_000);
    expect(await client.account('two')).toMatchObject({ point: 9_500, used: 500 });
    expect(await client.list('/transactions')).toContainEqual(
      expect.objectContaining({ orderId: id, userId: 'two', pointUsed: 500, status: 'USED' }),
    );
    expect(await client.list('/exchanges')).toContainEqual(
      expect.objectContaining({ orderId: id, userId: 'two', point: 500, rate: '1', status: 'EXCHANGED' }),
    );
    expect(await client.eventTypes(id)).toEqual(['OrderCreated', 'ExchangeSucceed', 'PointUsed', 'OrderPlaced']);
    const newestFirst = (await client.list(`/events?orderId=${id}`)).map(({ eventType }) => eventType);
    expect(newestFirst).toEqual(['OrderPlaced', 'PointUsed', 'ExchangeSucceed', 'OrderCreated']);
    await until('its deadline to be cancelled', async () => (await client.statusOf('deadlines', id)) === 'CANCELLED');
  });

  test('3: an order for more points than its holder has is rejected', async () => {
    await client.openAccount('three', 9_500);
    const { id } = await client.placeOrder({ holderId: 'three', amount: 50_000 });
    expect((await client.settled(id)).status).toBe('REJECTED DUE TO POINT LIMIT');
    expect(await client.eventsOnce(id, 5)).toEqual([
      'OrderCreated',
      'ExchangeSucceed',
      'PointUseFailed',
      'OrderRejected',
      'ExchangeCompensated',
    ]);
    expect(await client.account('three')).toMatchObject({ point: 9_500, used: 0 });
    expect(await client.statusOf('exchanges', id)).toBe('COMPENSATED');
    expect(await client.statusOf('transactions', id)).toBe('FAILED');
  });

  test('3: a price of just what is there is paid, and one more is not', async () => {
    await client.openAccount('exact', 700);
    const enough = await client.placeOrder({ holderId: 'exact', amount: 700 });
    expect((await client.settled(enough.id)).status).toBe('APPROVED');
    const short = await client.placeOrder({ holderId: 'exact', amount: 1 });
    expect((await client.settled(short.id)).status).toBe('REJECTED DUE TO POINT LIMIT');
    expect((await client.account('exact')).point).toBe(0);
  });

  test('3: an order of somebody without an account is rejected at once, not at its deadline', async () => {
    const { id, createdAt } = await client.placeOrder({ holderId: 'nobody', amount: 1 });
    const { status, settledAt } = await client.settled(id);
    expect(status).toBe('REJECTED DUE TO POINT LIMIT');
    expect(Date.parse(settledAt ?? '') - Date.parse(createdAt)).toBeLessThan(5_000);
  });

  test('5: an exchange that is late before it looks at the clock', async () => {
    await client.openAccount('five', 9_500);
    const { id, deadline } = await client.placeOrder({ holderId: 'five', currencyId: '100', amount: 500 });
    expect(await client.list('/deadlines')).toContainEqual(expect.objectContaining({ orderId: id, deadline }));
    await expectLate('five', id, deadline);
  });

  test('6: an order that expires after a look at the clock and before it is recorded; no other order waits for it', async () => {
    await client.openAccount('six', 9_500);
    await client.openAccount('busy', 100);
    const { id, deadline } = await client.placeOrder({ holderId: 'six', currencyId: '200', amount: 500 });
    for (let amount = 1; amount <= 10; amount += 1) {
      const order = await client.placeOrder({ holderId: 'busy', amount });
      expect((await client.settled(order.id)).status).toBe('APPROVED');
    }
    expect((await client.account('busy')).point).toBe(100 - 55);
    expect((await client.order(id)).status).toBe('PENDING');
    await expectLate('six', id, deadline);
  });
});

/** Rejected when its deadline came, the exchange's late work ignored, and nothing taken. */
async function expectLate(userId: string, id: number, deadline: string): Promise<void> {
  const order = await client.settled(id);
  expect(order.status).toBe('REJECTED DUE TO DEADLINE');
  const settledLateMs = Date.parse(order.settledAt ?? '') - Date.parse(deadline);
  expect(settledLateMs).toBeGreaterThanOrEqual(0);
  expect(settledLateMs).toBeLessThan(500);

  const note = await client.ignoredBy('exchange', id, 10_000);
  expect(note.why).toMatch(/^(VOIDED|EXPIRED)$/);
  expect(note.lateMs).toBeGreaterThanOrEqual(0);
  expect(await client.eventTypes(id)).toEqual(late);
  expect(await client.statusOf('exchanges', id)).toBe('VOIDED');
  expect(await client.statusOf('transactions', id)).toBeUndefined();
  expect(await client.statusOf('deadlines', id)).toBe('REACHED');
  expect(await client.account(userId)).toEqual({ userId, point: 9_500, deposited: 9_500, used: 0 });
}

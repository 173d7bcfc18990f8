import { afterAll, expect, test } from 'vitest';
import type { Answer } from '../kit/sagaClient.ts';
import { startSystem } from '../kit/system.ts';
import { until } from '../kit/until.ts';

// Goal: Redis dies under load and comes back; what was answered holds, nobody sees a 500, and not a point is lost. Method:
// SIGKILL to a Redis that keeps every write (appendfsync always), while orders are on their way.
const system = await startSystem({ redis: { appendonly: true, args: ['--appendfsync', 'always'] } });
afterAll(() => system.stop());
const { client, redis } = system;

const ready = async () => (await client.ask('GET', '/readyz')).status === 200;

test('300 orders under way, Redis killed and started again: each order is settled and agreed', {
  timeout: 60_000,
}, async () => {
  const holders = ['ann', 'bob', 'cem'];
  const paidIn = 100_000;
  for (const holder of holders) await client.openAccount(holder, paidIn);
  const answers: Answer[] = [];
  const refused: Answer[] = [];
  const work = Array.from({ length: 300 }, (_, i) => i);

  /** One client: places orders one after the other, and tries each with its own key until it is taken in. */
  const worker = async () => {
    for (let i = work.pop(); i !== undefined; i = work.pop()) {
      const body = { holderId: holders[i % holders.length], currencyId: '1', amount: String(i + 1) };
      const place = () => client.ask('POST', '/orders', body, { 'idempotency-key': `order-${i}` });
      answers.push(
        await until(
          `order ${i} to be taken in`,
          async () => {
            const answer = await place();
            if (answer.status === 201) return answer;
            refused.push(answer);
            return false;
          },
          { timeoutMs: 40_000, pauseMs: 25 },
        ),
      );
    }
  };
  const load = Promise.all(Array.from({ length: 16 }, worker));
  await until('a third of them to be taken in', () => answers.length >= 100, { timeoutMs: 20_000 });
  await redis.kill();
  await until('somebody to notice', () => refused.length > 0);
  await redis.restart();
  await load;

  for (const { status, headers, body } of refused) {
    expect(status, JSON.stringify(body)).toBe(503);
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
  }
  const ids = new Set(answers.map(({ body }) => (body as { id: number }).id));
  expect(ids.size).toBe(300);
  for (const id of ids) await expectAgreement(id);
  for (const holder of holders) await expectConserved(holder, paidIn);
  const kept = await Promise.all(holders.map((holder) => client.list(`/orders?limit=500&holderId=${holder}`)));
  expect(kept.flat()).toHaveLength(300);
});

/** APPROVED: exchanged and paid. REJECTED: neither stands. */
async function expectAgreement(id: number): Promise<void> {
  const { status } = await client.settled(id);
  const of = async (kind: 'exchanges' | 'transactions') => (await client.statusOf(kind, id)) ?? 'none';
  if (status === 'APPROVED') {
    expect([await of('exchanges'), await of('transactions')]).toEqual(['EXCHANGED', 'USED']);
    return;
  }
  await until(`what was done for order ${id} to be undone`, async () => {
    const undone = /^(none|FAILED|VOIDED|COMPENSATED|REFUNDED)$/;
    return undone.test(await of('exchanges')) && undone.test(await of('transactions'));
  });
}

async function expectConserved(userId: string, paidIn: number): Promise<void> {
  const { point, deposited, used } = await client.account(userId);
  const kept = (await client.list('/transactions?status=USED&limit=500')).filter((each) => each.userId === userId);
  expect(deposited).toBe(paidIn);
  expect(used).toBe(kept.reduce((sum, each) => sum + Number(each.pointUsed), 0));
  expect(point).toBe(deposited - used);
  expect(point).toBeGreaterThanOrEqual(0);
}

test('while Redis is away every request is answered 503 with Retry-After, and all is well when it is back', async () => {
  const { id } = await client.placeOrder({ holderId: 'ann', amount: 1 });
  await redis.kill();
  const requests: [method: string, path: string, body?: Record<string, unknown>][] = [
    ['POST', '/orders', { holderId: 'ann', currencyId: '1', amount: '1' }],
    ['GET', '/orders'],
    ['GET', `/orders/${id}`],
    ['GET', `/orders/${id}/events`],
    ['GET', '/exchanges'],
    ['GET', `/exchanges/${id}`],
    ['GET', '/rates'],
    ['PUT', '/rates/7', { rate: '1.5' }],
    ['POST', '/points', { userId: 'dee', point: '1' }],
    ['POST', '/points/ann/deposits', { point: '1' }],
    ['GET', '/points'],
    ['GET', '/points/ann'],
    ['GET', '/transactions'],
    ['GET', `/transactions/${id}`],
    ['GET', '/deadlines'],
    ['GET', `/deadlines/${id}`],
    ['GET', '/events'],
    ['GET', '/readyz'],
  ];
  for (const [method, path, body] of requests) {
    const answer = await client.ask(method, path, body);
    expect(answer, `${method} ${path}`).toMatchObject({ status: 503, body: { status: 503 } });
    expect(answer.headers.get('content-type'), `${method} ${path}`).toContain('application/problem+json');
    if (path !== '/readyz') expect(answer.headers.get('retry-after'), `${method} ${path}`).toMatch(/^\d+$/);
  }
  // Alive all the same: nobody restarts a service for what is Redis' fault.
  for (const name of ['order', 'exchange', 'point', 'deadline', 'gateway'] as const) {
    expect((await fetch(`${system.urlOf(name)}/healthz`)).status, name).toBe(200);
  }
  await redis.restart();
  await until('every service to be ready', ready, { timeoutMs: 20_000, pauseMs: 50 });
  const after = await client.placeOrder({ holderId: 'ann', amount: 1 });
  expect((await client.settled(after.id)).status).toBe('APPROVED');
});

import { logKey, retryKey } from 'common/events/keys';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSagaInProcess } from '../kit/sagaInProcess.ts';
import { until } from '../kit/until.ts';

// Goal: an event that nobody can handle is kept with what a person needs to know, is in nobody's way, and can be sent again
// or given up, once and on record; a compensation is never given up. Method: the whole saga on a real Redis, where a record
// that a service needs is of a wrong type until somebody mends it.
const TAG = '0';
const exchangeKey = (orderId: number) => `exchange:{${TAG}}:${orderId}`;

type Letter = Record<string, unknown> & { id: string; event: Record<string, unknown> | null };
type Page<T> = { items: T[]; nextCursor: string | null };

const saga = await startSagaInProcess({ DEADLINE_MS: '20000' });
beforeAll(async () => {
  await saga.point.ask('POST', '/points', { body: { userId: 'jjy', point: 10_000 } });
});
afterAll(() => saga.stop());

const get = async <T>(path: string) => (await saga.gateway.ask('GET', path)).body as T;
const letters = (query = '') => get<Page<Letter>>(`/dead-letters${query}`);
const post = (path: string, body?: unknown) => saga.gateway.ask('POST', path, { body });

/** Fails every attempt until its key is mended. */
async function placeBroken(): Promise<number> {
  const next = Number(await saga.redis.get(`order:{${TAG}}:sequence`)) + 1;
  await saga.redis.set(exchangeKey(next), 'of the wrong type');
  expect(await saga.placeOrder('jjy', 5)).toBe(next);
  return next;
}

async function buried(orderId: number): Promise<Letter> {
  return until(`a dead letter of order ${orderId}`, async () => {
    await saga.hurryRetries('exchange');
    return (await letters('?group=exchange')).items.find(({ event }) => event?.orderId === orderId);
  });
}

test('an event that keeps failing: nothing waits behind it, it is kept with its cause, and sent again it settles its order', async () => {
  const broken = await placeBroken();
  const good = await saga.placeOrder('jjy', 5);
  await until('the later order to be approved', async () => (await saga.statusOf(good)) === 'APPROVED');
  const letter = await buried(broken);
  expect(letter).toMatchObject({ reason: 'FAILED', group: 'exchange', attempts: 5, partition: 0 });
  expect(letter.cause).toContain('WRONGTYPE');
  const [original] = await saga.redis.xrange(logKey(TAG), String(letter.originalId), String(letter.originalId));
  expect(original?.[1]).toContain('OrderCreated');
  expect(await saga.statusOf(broken)).toBe('PENDING');
  expect(await saga.gateway.metric('saga_dead_letters{service="gateway"}')).toBe(1);
  expect((await saga.gateway.ask('GET', `/dead-letters/${letter.id}`)).body).toEqual(letter);

  await saga.redis.del(exchangeKey(broken));
  const sent = await post(`/dead-letters/${letter.id}/redrive`, { reason: 'the key is mended' });
  expect([sent.status, sent.body]).toEqual([200, { result: 'REDRIVEN' }]);
  await until('the order to be approved', async () => (await saga.statusOf(broken)) === 'APPROVED');
  expect((await post(`/dead-letters/${letter.id}/redrive`)).status).toBe(404);
  expect((await saga.gateway.ask('GET', `/dead-letters/${letter.id}`)).status).toBe(404);
  const events = (await get<Page<{ eventType: string }>>(`/events?orderId=${broken}`)).items;
  expect(events.filter(({ eventType }) => eventType === 'OrderPlaced')).toHaveLength(1);
  const [action] = (await get<Page<Letter>>('/dead-letters/actions')).items;
  expect(action).toMatchObject({ action: 'REDRIVEN', letter: letter.id, reason: 'the key is mended' });
  expect(action?.originalId).toBe(letter.originalId);
});

test('many are sent again in one request, and the same request again sends none', async () => {
  const broken = [await placeBroken(), await placeBroken(), await placeBroken()];
  for (const orderId of broken) await buried(orderId);
  const first = await letters('?limit=2&order=oldest');
  const second = await letters(`?limit=2&order=oldest&cursor=${first.nextCursor}`);
  expect([...first.items, ...second.items].map(({ event }) => event?.orderId)).toEqual(broken);
  expect((await letters('?group=point')).items).toEqual([]);
  await saga.redis.del(...broken.map(exchangeKey));

  expect((await post('/dead-letters/redrive', { group: 'exchange', deadReason: 'FAILED', limit: 2 })).body).toEqual({
    redriven: 2,
    gone: 0,
    more: true,
  });
  expect((await post('/dead-letters/redrive', {})).body).toEqual({ redriven: 1, gone: 0, more: false });
  expect((await post('/dead-letters/redrive', {})).body).toEqual({ redriven: 0, gone: 0, more: false });
  await until('all to be approved', async () => {
    return (await Promise.all(broken.map(saga.statusOf))).every((status) => status === 'APPROVED');
  });
});

test('one that is given up says why, and the record keeps all of it', async () => {
  const entry = { eventType: 'OrderCreated', version: '1', orderId: '77', amount: 'many', holderId: 'jjy' };
  const id = await saga.redis.xadd(logKey(TAG), '*', ...Object.entries(entry).flat());
  const [letter] = await until('the dead letter of each group that reads it', async () => {
    const { items } = await letters('?reason=MALFORMED');
    return items.length === 2 && items.filter(({ group }) => group === 'exchange');
  });
  expect(letter).toMatchObject({ originalId: id, event: { id, amount: 'many' } });
  const path = `/dead-letters/${letter?.id}`;

  // It is an incident: no attempt could have saved it.
  const health = async () => (await saga.exchange.ask('GET', '/healthz')).body as { deadLetters: unknown[] };
  expect((await health()).deadLetters).toEqual([
    expect.objectContaining({ id: letter?.id, orderId: '77', at: letter?.at }),
  ]);
  expect(await saga.exchange.metric('saga_dead_letter_incidents{service="exchange"}')).toBe(1);
  expect(await saga.point.metric('saga_dead_letter_incidents{service="point"}')).toBe(0);

  const refused = await post(`${path}/discard`, {});
  expect([refused.status, refused.body]).toMatchObject([400, { errors: [{ field: 'reason' }] }]);
  expect((await post(`${path}/discard`, { reason: 'made by hand' })).body).toEqual({ result: 'DISCARDED' });
  expect((await post(`${path}/discard`, { reason: 'made by hand' })).status).toBe(404);
  const [action] = (await get<Page<Letter>>('/dead-letters/actions?limit=1')).items;
  expect(action).toMatchObject({
    action: 'DISCARDED',
    reason: 'made by hand',
    lost: { orderId: '77', amount: 'many' },
  });
  expect((await health()).deadLetters).toEqual([]);
  expect(await saga.exchange.metric('saga_dead_letter_incidents{service="exchange"}')).toBe(0);
});

test('one without its entry has nothing to send; what is not there is not found, and faults are named', async () => {
  const fields = [
    'dead.reason',
    'TRIMMED',
    'dead.group',
    'point',
    'dead.id',
    '1-0',
    'dead.attempts',
    '0',
    'dead.at',
    '1',
  ];
  const id = await saga.redis.xadd('choreography.deadline.dead:{0}', '*', ...fields);
  expect((await letters('?reason=TRIMMED')).items).toMatchObject([{ id, event: null }]);
  expect((await post(`/dead-letters/${id}/redrive`)).status).toBe(409);
  expect((await post('/dead-letters/1-1/redrive')).status).toBe(404);
  expect((await post(`/dead-letters/${id}/redrive?partition=5`)).status).toBe(404);
  const faulty = await saga.gateway.ask('GET', '/dead-letters?group=nobody&reason=none&order=up&limit=0');
  expect((faulty.body as { errors: { field: string }[] }).errors.map(({ field }) => field).sort()).toEqual([
    'group',
    'limit',
    'order',
    'reason',
  ]);
  expect((await post('/dead-letters/redrive', { reason: '', limit: 5_000 })).status).toBe(400);
});

test('a stale compensation is a dead letter and an incident', async () => {
  const event = { eventType: 'OrderRejected', version: 1, orderId: 99, timestamp: 1, deadline: 1 };
  const more = { holderId: 'jjy', currencyId: '1', amount: 5, reason: 'DEADLINE' };
  await saga.redis.xadd(logKey(TAG), '*', ...Object.entries({ ...event, ...more }).flat());
  const [letter] = await until('it', async () => {
    const { items } = await letters('?reason=STALE');
    return items.length > 0 && items;
  });
  expect(letter).toMatchObject({ group: 'exchange', event: { orderId: 99 } });
  const { body } = await saga.exchange.ask('GET', '/healthz');
  expect(body).toMatchObject({ deadLetters: [{ reason: 'STALE', orderId: '99' }] });
});

test('a compensation that fails is never given up: it is an incident until it is mended, and both sides agree then', async () => {
  const hasty = await startSagaInProcess({ DEADLINE_MS: '1000' });
  try {
    await hasty.redis.set(exchangeKey(1), 'of the wrong type');
    await hasty.placeOrder('jjy', 5);
    await until('the order to be rejected', async () => (await hasty.statusOf(1)) === 'REJECTED DUE TO DEADLINE');
    const waiting = async () => {
      const [, id, score] = ['', ...(await hasty.redis.zrange(retryKey(TAG, 'exchange'), '0', '0', 'WITHSCORES'))];
      return id === undefined ? undefined : { id, at: Number(score) };
    };
    const incidents = async () => {
      const { body } = await hasty.exchange.ask('GET', '/healthz');
      return (body as { incidents: { eventType: string; attempts: number; cause: string }[] }).incidents;
    };
    const gauge = () => hasty.exchange.metric('saga_actor_incidents{group="exchange",service="exchange"}');
    const [incident] = await until(
      'an incident of many attempts',
      async () => {
        await hasty.hurryRetries('exchange');
        const found = await incidents();
        return Number(found[0]?.attempts) >= 8 && found;
      },
      { timeoutMs: 20_000 },
    );
    expect(incident).toMatchObject({ eventType: 'OrderRejected' });
    expect(incident?.cause).toContain('WRONGTYPE');
    expect(await gauge()).toBe(1);
    // After eight attempts and more the next one waits for longer than the 25 s that seven doublings make of 200 ms.
    const next = await until('the next retry', async () => {
      const found = await waiting();
      return found && found.at > 0 && found;
    });
    expect(next.at - Date.now()).toBeGreaterThan(20_000);
    expect(next.at - Date.now()).toBeLessThanOrEqual(60_000);
    const dead = (await hasty.gateway.ask('GET', '/dead-letters')).body as Page<Letter>;
    expect(dead.items.map(({ event }) => event?.eventType)).toEqual(['OrderCreated']);

    await hasty.redis.del(exchangeKey(1));
    await hasty.hurryRetries('exchange');
    await until('the incident to be over', async () => (await incidents()).length === 0);
    expect(await gauge()).toBe(0);
    expect(await hasty.redis.hget(exchangeKey(1), 'status')).toBe('VOIDED');
    // Redriven after all is decided, the order's beginning changes nothing any more.
    expect((await hasty.gateway.ask('POST', `/dead-letters/${dead.items[0]?.id}/redrive`)).status).toBe(200);
    await until('it to be passed by', async () =>
      (await hasty.redis.lrange('choreography.deadline.order:{0}:1', 0, -1)).some((item) => item.includes('VOIDED')),
    );
    expect(await hasty.redis.hget(exchangeKey(1), 'status')).toBe('VOIDED');
    expect(await hasty.statusOf(1)).toBe('REJECTED DUE TO DEADLINE');
  } finally {
    await hasty.stop();
  }
});

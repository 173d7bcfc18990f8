import { encodeCursor } from 'common/http/paging';
import { afterAll, describe, expect, test } from 'vitest';
import { readEventStream } from '../kit/readEventStream.ts';
import type { Body } from '../kit/sagaClient.ts';
import { startSystem } from '../kit/system.ts';

// Goal: what a client is promised beside the saga itself: every error says which field, waiting and repeating work, and
// events arrive live. Method: HTTP through the gateway against real processes; nothing is asked of a service directly.
const system = await startSystem();
afterAll(() => system.stop());
const { client } = system;
await client.openAccount('jjy', 1_000_000);

const order = (change: Record<string, unknown>) => ({ holderId: 'jjy', currencyId: '1', amount: '500', ...change });
const above = '9007199254740992';

type Bad = {
  what: string;
  method: string;
  path: string;
  body?: Body;
  headers?: Record<string, string>;
  fields: string[];
};
const onOrders = (what: string, body: Body, ...fields: string[]): Bad => ({
  ...{ what, method: 'POST', path: '/orders', body, fields },
});
const reads = (path: string, ...fields: string[]): Bad => ({ what: path, method: 'GET', path, fields });

const BAD: readonly Bad[] = [
  onOrders('nothing at all', {}, 'holderId', 'currencyId', 'amount'),
  onOrders('no amount', { holderId: 'jjy', currencyId: '1' }, 'amount'),
  ...['0', '-1', '1.5', '1e3', '0x10', ' 5', '', above, 'five'].map((amount) =>
    onOrders(`amount '${amount}'`, order({ amount }), 'amount'),
  ),
  ...[0, -1, 1.5, Number(above), null, true, [], {}].map((amount) =>
    onOrders(`amount ${JSON.stringify(amount)}`, order({ amount }), 'amount'),
  ),
  onOrders('an empty holder', order({ holderId: '' }), 'holderId'),
  onOrders('a holder of 129 characters', order({ holderId: 'x'.repeat(129) }), 'holderId'),
  onOrders('a holder with a line break', order({ holderId: 'j\ny' }), 'holderId'),
  onOrders('a holder whom no path can name', order({ holderId: '..' }), 'holderId'),
  onOrders('a holder that is a number', order({ holderId: 7 }), 'holderId'),
  onOrders('a currency with a control character', order({ currencyId: '\u0000' }), 'currencyId'),
  onOrders('two bad fields', order({ holderId: '', amount: '0' }), 'holderId', 'amount'),
  { ...onOrders('a key with a space', order({}), 'Idempotency-Key'), headers: { 'idempotency-key': 'a b' } },
  { what: 'points of 0', method: 'POST', path: '/points', body: { userId: 'x', point: 0 }, fields: ['point'] },
  { what: 'points of nobody', method: 'POST', path: '/points', body: { point: 1 }, fields: ['userId'] },
  { what: 'a deposit', method: 'POST', path: '/points/jjy/deposits', body: { point: '-5' }, fields: ['point'] },
  ...['1000.000001', '-1', '0.0000001', 'one', '1e2'].map((rate) => ({
    ...{ what: `rate ${rate}`, method: 'PUT', path: '/rates/9', body: { rate }, fields: ['rate'] },
  })),
  { what: 'suspended', method: 'PUT', path: '/rates/9', body: { rate: '1', suspended: 'no' }, fields: ['suspended'] },
  ...['orders', 'exchanges', 'transactions', 'deadlines'].flatMap((kind) => [
    reads(`/${kind}/abc`, 'orderId'),
    reads(`/${kind}/0`, 'orderId'),
  ]),
  ...['orders', 'exchanges', 'transactions', 'deadlines', 'points', 'events', 'dead-letters'].flatMap((kind) => [
    reads(`/${kind}?limit=0`, 'limit'),
    reads(`/${kind}?limit=501`, 'limit'),
    reads(`/${kind}?cursor=nonsense`, 'cursor'),
  ]),
  ...['events', 'dead-letters', 'dead-letters/actions'].map((kind) =>
    reads(`/${kind}?cursor=${encodeCursor({ at: 5, id: 'jjy' })}`, 'cursor'),
  ),
  reads('/orders?status=OPEN', 'status'),
  reads('/exchanges?status=OPEN', 'status'),
];

describe('bad input names every field', () => {
  test.each(BAD)('$method $path: $what', async ({ method, path, body, headers, fields }) => {
    const answer = await client.ask(method, path, body, headers);
    expect(answer).toMatchObject({ status: 400, body: { status: 400, instance: path.split('?')[0] } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const { errors } = answer.body as { errors: { field: string; message: string }[] };
    expect(errors.map(({ field }) => field)).toEqual(fields);
    for (const { message } of errors) expect(message).not.toBe('');
  });

  test.each(['{', '', '[]', '"text"', 'null', '5'])('a body that is %j', async (body) => {
    const answer = await client.ask('POST', '/orders', body);
    expect(answer).toMatchObject({ status: 400, body: { status: 400 } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  test.each([
    ['GET', '/orders/4503599627370497', 404],
    ['GET', '/orders/4503599627370497/events', 404],
    ['GET', '/points/nobody', 404],
    ['GET', '/nothing', 404],
    ['GET', '/orders/1/nothing', 404],
  ])('%s %s is %i', async (method, path, status) => {
    const answer = await client.ask(method, path);
    expect(answer).toMatchObject({ status, body: { status, instance: path } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  test('an account that exists is a conflict', async () => {
    const answer = await client.ask('POST', '/points', { userId: 'jjy', point: '1' });
    expect(answer).toMatchObject({ status: 409, body: { status: 409 } });
  });

  test('a body over 64 KiB is 413', async () => {
    const answer = await client.ask('POST', '/orders', order({ holderId: 'x'.repeat(65_536) }));
    expect(answer).toMatchObject({ status: 413, body: { status: 413 } });
  });

  test.each([
    ['DELETE', '/orders', 'GET, HEAD, POST'],
    ['PATCH', '/orders/1', 'GET, HEAD'],
    ['DELETE', '/rates/1', 'PUT'],
    ['PUT', '/points', 'GET, HEAD, POST'],
    ['POST', '/deadlines', 'GET, HEAD'],
  ])('%s %s is 405 and says what is allowed', async (method, path, allow) => {
    const answer = await client.ask(method, path);
    expect(answer).toMatchObject({ status: 405, body: { status: 405 } });
    expect(answer.headers.get('allow')).toBe(allow);
  });
});

test('numbers are taken as numbers and as strings of digits', async () => {
  for (const amount of [500, '500', '0500']) {
    const { body } = await client.ask('POST', '/orders', order({ amount }), { prefer: 'wait=5' });
    expect(body).toMatchObject({ amount: 500, status: 'APPROVED' });
  }
});

test('Prefer: wait answers once the order is settled', async () => {
  const startedAt = performance.now();
  const answer = await client.ask('POST', '/orders', order({}), { prefer: 'wait=5' });
  expect(answer).toMatchObject({ status: 201, body: { status: 'APPROVED' } });
  expect(answer.headers.get('preference-applied')).toBe('wait=5');
  expect(answer.headers.get('location')).toBe(`/orders/${(answer.body as { id: number }).id}`);
  expect(performance.now() - startedAt).toBeLessThan(4_000);
});

test('Prefer: wait answers PENDING when the time is over first', async () => {
  const answer = await client.ask('POST', '/orders', order({ currencyId: '100' }), { prefer: 'wait=1' });
  expect(answer).toMatchObject({ status: 201, body: { status: 'PENDING' } });
});

test('the same Idempotency-Key makes one order, and another body with it is a conflict', async () => {
  await client.openAccount('twice', 1_000);
  const place = (amount: string) =>
    client.ask('POST', '/orders', order({ holderId: 'twice', amount }), { 'idempotency-key': 'k1', prefer: 'wait=5' });
  const [first, second] = [await place('500'), await place('500')];
  expect(first).toMatchObject({ status: 201, body: { status: 'APPROVED' } });
  expect(second).toMatchObject({ status: 201, body: first.body });
  expect(await place('501')).toMatchObject({ status: 409 });
  expect(await client.list('/orders?holderId=twice')).toHaveLength(1);
  expect((await client.account('twice')).point).toBe(500);
});

test('the events of an order arrive live, from OrderCreated to OrderPlaced', async () => {
  await client.ask('PUT', '/rates/slow', { rate: '2.5', suspended: false });
  const { id } = await client.placeOrder({ holderId: 'jjy', currencyId: 'slow', amount: 3 });
  const reading = new AbortController();
  const response = await client.stream(`/orders/${id}/events`, reading.signal);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const seen: string[] = [];
  for await (const { event, data } of readEventStream(response)) {
    seen.push(event);
    expect(data).toMatchObject({ eventType: event, orderId: id });
    if (event === 'ExchangeSucceed') expect(data).toMatchObject({ rate: '2.5', point: 8 });
    if (event === 'OrderPlaced') break;
  }
  reading.abort();
  expect(seen).toEqual(['OrderCreated', 'ExchangeSucceed', 'PointUsed', 'OrderPlaced']);
});

test('a stream that is open before anything happens hears the end', async () => {
  const { id } = await client.placeOrder({ holderId: 'jjy', currencyId: '100', amount: 1 });
  const reading = new AbortController();
  const messages = readEventStream(await client.stream(`/orders/${id}/events`, reading.signal));
  expect((await messages.next()).value).toMatchObject({ event: 'OrderCreated' });
  expect((await messages.next()).value).toMatchObject({ event: 'DeadlineReached' });
  const last = (await messages.next()).value;
  expect(last).toMatchObject({ event: 'OrderRejected', data: { reason: 'DEADLINE' } });
  reading.abort();
});

test('a currency that is suspended fails the exchange, and the order says so', async () => {
  await client.ask('PUT', '/rates/closed', { rate: '1', suspended: true });
  const { id } = await client.placeOrder({ holderId: 'jjy', currencyId: 'closed', amount: 1 });
  expect((await client.settled(id)).status).toBe('REJECTED DUE TO EXCHANGE ERROR');
  expect(await client.eventTypes(id)).toEqual(['OrderCreated', 'ExchangeFailed', 'OrderRejected']);
});

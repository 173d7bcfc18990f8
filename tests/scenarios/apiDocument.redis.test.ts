import { Validator } from '@seriousme/openapi-schema-validator';
import { deadKey } from 'common/events/keys';
import { Redis } from 'ioredis';
import { serviceNames } from 'launcher/services/serviceNames';
import { afterAll, expect, test } from 'vitest';
import { ApiDocument, type OpenApi } from '../kit/apiDocument.ts';
import type { Body } from '../kit/sagaClient.ts';
import { startSystem } from '../kit/system.ts';

// Goal: the OpenAPI documents are valid and true: every route is there, every answer is declared, with the body that it
// has. Method: what each route can answer is asked of real processes and held against the document, and at the end
// no declared answer may be one that nothing gave (but those of a failing system, which other tests make).
const system = await startSystem();
const redis = new Redis(system.redis.url, { protocol: 2 });
afterAll(async () => {
  redis.disconnect();
  await system.stop();
});
const { client } = system;

const documentAt = async (url: string) => (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
const joined = await documentAt(system.urlOf('gateway'));

test.each(serviceNames)('the document of %s is valid OpenAPI', async (name) => {
  const document = await documentAt(system.urlOf(name));
  const { valid, errors } = await new Validator().validate(document);
  expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
});

test('the joined document has every route of every service', async () => {
  for (const name of serviceNames) {
    const { paths } = await documentAt(system.urlOf(name));
    for (const [path, operations] of Object.entries(paths)) {
      expect(Object.keys(joined.paths[path] ?? {})).toEqual(Object.keys(operations));
    }
  }
  const ids = Object.values(joined.paths).flatMap((item) => Object.values(item).map((one) => one.operationId));
  expect(new Set(ids).size).toBe(ids.length);
});

const huge = 'x'.repeat(65_537);
const plain = { 'content-type': 'text/plain' };
const order = { holderId: 'jjy', currencyId: '1', amount: 5 };
const nobody = '/4503599627370497';

type Asked = [status: number, method: string, path: string, body?: Body, headers?: Record<string, string>];

/** What every route with a body answers to a bad one. */
const badBodies = (method: string, path: string): Asked[] => [
  [400, method, path, {}],
  [413, method, path, huge],
  [415, method, path, 'x', plain],
];

/** A dead letter as an actor buries it. */
async function bury(event: Record<string, string>): Promise<string> {
  const why = { 'dead.reason': 'FAILED', 'dead.cause': 'x', 'dead.group': 'point', 'dead.id': '1-1', 'dead.at': '1' };
  const fields = Object.entries({ ...why, 'dead.attempts': '5', ...event }).flat();
  return (await redis.xadd(deadKey('0'), '*', ...fields)) ?? '';
}

async function everyAnswer(): Promise<Asked[]> {
  await client.openAccount('jjy', 1_000);
  const { id } = await client.placeOrder(order, { prefer: 'wait=20' });
  await client.settled((await client.placeOrder({ ...order, amount: 5_000 })).id);
  const slow = await client.placeOrder({ ...order, currencyId: '100' });
  const [again, gone, lost] = [await bury({ eventType: 'Unheard', orderId: '7' }), await bury({}), await bury({})];
  const key = { 'idempotency-key': 'k' };
  return [
    [201, 'POST', '/orders', order, key],
    [409, 'POST', '/orders', { ...order, amount: 6 }, key],
    ...badBodies('POST', '/orders'),
    ...['orders', 'exchanges', 'transactions', 'deadlines'].flatMap((kind): Asked[] => [
      [200, 'GET', `/${kind}`],
      [200, 'GET', `/${kind}/${id}`],
      [400, 'GET', `/${kind}?limit=0`],
      [400, 'GET', `/${kind}/x`],
      [404, 'GET', `/${kind}${nobody}`],
    ]),
    [200, 'GET', `/deadlines/${slow.id}`],
    [200, 'GET', '/exchanges?status=COMPENSATED'],
    [200, 'GET', `/orders/${id}/events`],
    [400, 'GET', '/orders/x/events'],
    [404, 'GET', `/orders${nobody}/events`],
    [201, 'POST', '/points', { userId: 'ada', point: 5 }],
    [409, 'POST', '/points', { userId: 'ada', point: 5 }],
    ...badBodies('POST', '/points'),
    [200, 'POST', '/points/ada/deposits', { point: 5 }, key],
    [409, 'POST', '/points/ada/deposits', { point: 6 }, key],
    [404, 'POST', '/points/bob/deposits', { point: 5 }],
    ...badBodies('POST', '/points/ada/deposits'),
    [200, 'GET', '/points'],
    [400, 'GET', '/points?cursor=x'],
    [200, 'GET', '/points/jjy'],
    [400, 'GET', '/points/%00'],
    [404, 'GET', '/points/bob'],
    [200, 'PUT', '/rates/7', { rate: '1.5', suspended: true }],
    ...badBodies('PUT', '/rates/7'),
    [200, 'GET', '/rates'],
    [200, 'GET', '/events'],
    [400, 'GET', '/events?type=x'],
    [200, 'GET', '/dead-letters'],
    [400, 'GET', '/dead-letters?limit=x'],
    [200, 'GET', `/dead-letters/${again}`],
    [400, 'GET', '/dead-letters/x'],
    [404, 'GET', '/dead-letters/1-1'],
    [200, 'POST', `/dead-letters/${again}/redrive`, {}],
    [404, 'POST', `/dead-letters/${again}/redrive`, {}],
    [409, 'POST', `/dead-letters/${gone}/redrive`, {}],
    ...badBodies('POST', '/dead-letters/x/redrive'),
    [200, 'POST', `/dead-letters/${lost}/discard`, { reason: 'made by hand' }],
    [404, 'POST', `/dead-letters/${lost}/discard`, { reason: 'made by hand' }],
    ...badBodies('POST', `/dead-letters/${gone}/discard`),
    [200, 'POST', '/dead-letters/redrive', {}],
    [400, 'POST', '/dead-letters/redrive', { limit: 0 }],
    ...badBodies('POST', '/dead-letters/redrive').slice(1),
    [200, 'GET', '/dead-letters/actions'],
    [400, 'GET', '/dead-letters/actions?limit=0'],
    ...['healthz', 'readyz', 'metrics', 'openapi.json', 'docs'].map((probe): Asked => [200, 'GET', `/${probe}`]),
  ];
}

test('every answer is declared, as it is; what is declared is answered', { timeout: 60_000 }, async () => {
  const document = new ApiDocument(joined);
  for (const [status, method, path, body, headers] of await everyAnswer()) {
    const answer = await client.ask(method, path, body, headers);
    expect([method, path, answer.status, answer.body]).toEqual([method, path, status, answer.body]);
    const contentType = answer.headers.get('content-type');
    expect(document.faultsOf({ method, path, status, contentType, body: answer.body })).toEqual([]);
  }
  for (const path of ['/events', '/orders/1/events']) {
    const reading = new AbortController();
    const { status, headers } = await client.stream(path, reading.signal);
    reading.abort();
    expect(
      document.faultsOf({ method: 'GET', path, status, contentType: headers.get('content-type'), body: '' }),
    ).toEqual([]);
  }
  // 410: the order of a key is gone, which takes a retention.
  expect(document.unseen((status) => status < 500 && status !== 410)).toEqual([]);
});

/** What goes into a service, asked over a real port: what is taken, and in which words the rest is refused. */
import { createRoute, z } from '@hono/zod-openapi';
import { expect, test } from 'vitest';
import { problemOf, send, startApp } from '../../../../tests/kit/startApp.ts';
import { requestInput } from './requestInput.ts';

test('a valid request reaches its handler, digits in strings as numbers, unknown fields left out', async () => {
  const { url } = await startApp();
  const answer = await send(`${url}/orders`, '{"holderId":"jjy","amount":"500","more":{}}');
  expect([answer.status, answer.headers.get('location')]).toEqual([201, '/orders/1']);
  expect(await answer.json()).toEqual({ holderId: 'jjy', amount: 500 });
});

test('one answer names every invalid field, wherever it stands', async () => {
  const { url } = await startApp();
  const headers = { method: 'PUT', 'Idempotency-Key': 'a b' };
  const answer = await send(`${url}/rates/a%0Ab?limit=6`, '{"holderId":7,"amount":"1e3"}', headers);
  expect(answer.status).toBe(400);
  expect(await problemOf(answer)).toEqual({
    type: 'about:blank',
    title: 'Invalid request',
    status: 400,
    detail: 'Not valid: currencyId, limit, Idempotency-Key, holderId, amount',
    instance: '/rates/a%0Ab',
    errors: [
      { field: 'currencyId', message: 'must not contain control characters' },
      { field: 'limit', message: 'must be a whole number from 1 to 5' },
      { field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' },
      { field: 'holderId', message: 'must be of type string, but is of type number' },
      { field: 'amount', message: 'must be a whole number from 1 to 9007199254740991' },
    ],
  });
});

test('no body, an empty one and {} are the same: every required field is named', async () => {
  const { url } = await startApp();
  const required = ['holderId', 'amount'].map((field) => ({ field, message: 'is required' }));
  expect((await problemOf(await send(`${url}/orders`, '{}'))).errors).toEqual(required);
  expect((await problemOf(await send(`${url}/orders`, ''))).errors).toEqual(required);
  expect((await problemOf(await fetch(`${url}/orders`, { method: 'POST' }))).errors).toEqual(required);
});

test.each(['[]', '"x"', '5', 'null', 'true'])('%s is no object, and says so', async (body) => {
  const { url } = await startApp();
  const { errors } = await problemOf(await send(`${url}/orders`, body));
  expect(errors).toEqual([
    { field: 'body', message: expect.stringMatching(/^must be of type object, but is of type /) },
  ]);
});

test.each(['{', '{"a":1}}', '{"a":NaN}', "{'a':1}", 'a=1'])('%s is malformed', async (body) => {
  const { url } = await startApp();
  const answer = await problemOf(await send(`${url}/orders`, body));
  expect([answer.status, answer.title]).toEqual([400, 'Malformed JSON']);
});

test('bytes that are not UTF-8 are malformed', async () => {
  const { url } = await startApp();
  const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
  const answer = await fetch(`${url}/orders`, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/json' },
  });
  expect((await problemOf(answer)).title).toBe('Malformed JSON');
});

test('anything but JSON is a 415 that says what is wanted', async () => {
  const { url } = await startApp();
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/jsonx']) {
    const answer = await send(`${url}/orders`, '{"holderId":"a","amount":1}', { 'Content-Type': type });
    expect([answer.status, answer.headers.get('accept')]).toEqual([415, 'application/json']);
    expect((await problemOf(answer)).detail).toContain(type);
  }
  for (const type of ['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.order+json']) {
    expect((await send(`${url}/orders`, '{"holderId":"a","amount":1}', { 'Content-Type': type })).status).toBe(201);
  }
});

test('a body over 64 KiB is a 413, declared or chunked; one of 64 KiB is read', async () => {
  const { url } = await startApp();
  const body = (bytes: number) => '{"holderId":"a","amount":1,"x":"'.padEnd(bytes - 2, 'x').concat('"}');
  expect((await send(`${url}/orders`, body(65_536))).status).toBe(201);
  expect((await problemOf(await send(`${url}/orders`, body(65_537)))).detail).toContain('65536');
  const chunked = (bytes: number) =>
    fetch(`${url}/orders`, {
      method: 'POST',
      body: ReadableStream.from([Buffer.from(body(bytes))]),
      headers: { 'Content-Type': 'application/json' },
      duplex: 'half',
    } as RequestInit);
  expect((await chunked(65_536)).status).toBe(201);
  expect((await chunked(65_537)).status).toBe(413);
});

test('a declaration that would not be honoured is refused at once', () => {
  const input = (request: object) => () =>
    requestInput(createRoute({ method: 'post', path: '/x', responses: { 200: { description: 'ok' } }, request }));
  const form = { 'multipart/form-data': { schema: z.object({}) } };
  expect(input({ cookies: z.object({}) })).toThrow('cookies');
  expect(input({ headers: [z.object({})] })).toThrow('headers');
  expect(input({ body: { content: form } })).toThrow('application/json');
});

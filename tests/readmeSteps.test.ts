import { expect, test } from 'vitest';
import { isAsShown, requestOfCurl, requestOfHttpie, stepsOf } from './readmeSteps.ts';

// Goal: what reads README for its test would notice a command that is wrong, or an answer that is another.

const fence = '```';

test('steps are commands, lines for the launcher, and what is shown', () => {
  const markdown = [
    ...[`${fence}sh`, "curl -s localhost:8088/points -d '{}'", '# http :8088/points', fence],
    ...['Some words.', `${fence}json`, '{ "point": 1 }', fence],
    ...[`${fence}mermaid`, 'flowchart', fence, `${fence}text`, 'stop exchange', fence, ''],
  ].join('\n');
  expect(stepsOf(markdown)).toEqual([
    {
      typed: "curl -s localhost:8088/points -d '{}'",
      where: 'shell',
      twin: 'http :8088/points',
      shows: { point: 1 },
    },
    { typed: 'stop exchange', where: 'launcher' },
  ]);
});

test('an answer that belongs to no command, and two commands in a block, are faults', () => {
  expect(() => stepsOf(`${fence}json\n{}\n${fence}\n`)).toThrow('no command shows');
  expect(() => stepsOf(`${fence}sh\nls\nls\n${fence}\n`)).toThrow('more than one command');
});

test('an answer is as shown where every shown member is there', () => {
  const answer = { id: 1, status: 'APPROVED', items: [{ a: 1, b: 2 }], at: '12:00' };
  expect(isAsShown(answer, { id: 1, items: [{ a: 1 }], at: '...' })).toBe(true);
  for (const shown of [{ id: 2 }, { items: [] }, { items: [{ a: 2 }] }, { gone: '...' }, { at: {} }, { id: {} }]) {
    expect(isAsShown(answer, shown), JSON.stringify(shown)).toBe(false);
  }
});

test('a curl command and its twin ask for the same, or it shows', () => {
  const curl = `curl -s localhost:8088/orders -H 'content-type: application/json' -H 'Prefer: wait=20' -d '{"a":"1"}'`;
  const asked = { method: 'POST', path: '/orders', headers: { Prefer: 'wait=20' }, body: { a: '1' } };
  expect(requestOfCurl(curl)).toEqual(asked);
  expect(requestOfHttpie('http :8088/orders Prefer:wait=20 a=1')).toEqual(asked);
  expect(requestOfHttpie('http :8088/orders a=1')).not.toEqual(asked);
  expect(requestOfHttpie("http ':8088/events?a=1&b=2'")).toEqual({
    method: 'GET',
    path: '/events?a=1&b=2',
    headers: {},
    body: undefined,
  });
});

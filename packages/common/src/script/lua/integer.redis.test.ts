import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Connections } from 'common/redis/connections';
import fc from 'fast-check';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRedis } from '../../../../../tests/kit/redis.ts';

// Goal: text is a number only where it is one, and is written back the same. Method: the shipped Lua on a real Redis,
// against the same rule in TypeScript.
const server = await startTestRedis();
const connections = new Connections(server.url, 'integers', pino({ level: 'silent' }));
beforeAll(() => connections.connect());
afterAll(async () => {
  await connections.closeAll();
  await server.stop();
});

const lua = readFileSync(join(import.meta.dirname, 'integer.lua'), 'utf8');

/** What each text is read as, written back; 'nil' where it is refused. */
async function readBack(texts: readonly string[]): Promise<unknown> {
  const each = `local out = {}
    for i, text in ipairs(ARGV) do
      local number = readInteger(text)
      out[i] = number and writeInteger(number) or 'nil'
    end
    return out`;
  return connections.commands.eval(`${lua}\n${each}`, 0, ...texts);
}

const expected = (text: string) =>
  /^(0|[1-9]\d*)$/.test(text) && BigInt(text) <= BigInt(Number.MAX_SAFE_INTEGER) ? text : 'nil';

test('what tonumber would take besides is refused', async () => {
  const refused = [
    ...[
      '',
      ' ',
      ' 1',
      '1 ',
      '1\n',
      '+1',
      '-1',
      '-0',
      '00',
      '01',
      '1.0',
      '1.5',
      '.5',
      '1.',
      '1e3',
      '1E3',
      '0x10',
      '0X1',
    ],
    ...['inf', '-inf', 'nan', 'NaN', 'Infinity', '1_000', '1,000', '١', '1\0', '\0', '9007199254740992'],
    ...['9007199254740993', '18014398509481984', '99999999999999999999', '1'.repeat(300)],
  ];
  expect(await readBack(refused)).toEqual(refused.map(() => 'nil'));
});

test('whole numbers from 0 to 2^53 - 1 are read and written back to the last digit', async () => {
  const taken = [
    '0',
    '1',
    '9',
    '10',
    '500',
    '999999999999999',
    '1000000000000000',
    '9007199254740990',
    '9007199254740991',
  ];
  expect(await readBack(taken)).toEqual(taken);
});

test('any text at all is read as TypeScript reads it', async () => {
  const digits = fc.stringMatching(/^[0-9]{1,18}$/);
  const texts = fc.array(fc.oneof(fc.string(), digits, fc.maxSafeNat().map(String)), { minLength: 1, maxLength: 50 });
  const property = fc.asyncProperty(texts, async (each) => {
    expect(await readBack(each)).toEqual(each.map(expected));
  });
  await fc.assert(property, { numRuns: 100 });
});

test('a stored number is its own, its absence the other, and anything else stops the script', async () => {
  const stored = (text: string) =>
    connections.commands.eval(`${lua}\nreturn storedInteger(${text}, 7, 'the balance')`, 0);
  expect(await stored("'12'")).toBe(12);
  expect(await stored('false')).toBe(7);
  await expect(stored("'1e3'")).rejects.toThrow('the balance is no whole number: 1e3');
});

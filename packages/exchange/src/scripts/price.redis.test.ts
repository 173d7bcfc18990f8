import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Connections } from 'common/redis/connections';
import fc from 'fast-check';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRedis } from '../../../../tests/kit/redis.ts';

// Goal: a price is exact to the last point. Method: the shipped Lua on a real Redis, against BigInt.
const server = await startTestRedis();
const connections = new Connections(server.url, 'prices', pino({ level: 'silent' }));
beforeAll(() => connections.connect());
afterAll(async () => {
  await connections.closeAll();
  await server.stop();
});

type Asked = { amount: number; rate: number };

const MAX = Number.MAX_SAFE_INTEGER;
const RATE_MAX = 1_000_000_000;
const lua = readFileSync(join(import.meta.dirname, 'price.lua'), 'utf8');

async function prices(asked: readonly Asked[]): Promise<unknown> {
  const each = `local out = {}
    for i = 1, #ARGV, 2 do
      local point = priceOf(tonumber(ARGV[i]), tonumber(ARGV[i + 1]))
      out[#out + 1] = point and string.format('%.0f', point) or 'invalid'
    end
    return out`;
  return connections.commands.eval(`${lua}\n${each}`, 0, ...asked.flatMap(({ amount, rate }) => [amount, rate]));
}

function exact({ amount, rate }: Asked): string {
  const point = (BigInt(amount) * BigInt(rate) + 500_000n) / 1_000_000n;
  return point < 1n || point > BigInt(MAX) ? 'invalid' : String(point);
}

test.each([
  ['what doubles round wrongly: 1.15 x 50', 50, 1_150_000, '58'],
  ['a rate of 1', 500, 1_000_000, '500'],
  ['half up', 1, 500_000, '1'],
  ['just below a half', 1, 499_999, 'invalid'],
  ['half up, above one', 3, 500_000, '2'],
  ['nothing', 500, 0, 'invalid'],
  ['the most points there are', MAX, 1_000_000, String(MAX)],
  ['one millionth more', MAX, 1_000_001, 'invalid'],
  ['the smallest rate', MAX, 1, '9007199255'],
  ['the largest rate', 9_007_199_254_740, RATE_MAX, '9007199254740000'],
  ['the largest rate, one more', 9_007_199_254_741, RATE_MAX, 'invalid'],
  ['the largest of both', MAX, RATE_MAX, 'invalid'],
])('%s', async (_, amount, rate, point) => {
  expect(await prices([{ amount, rate }])).toEqual([point]);
  expect(exact({ amount, rate })).toBe(point);
});

test('any amount at any rate', async () => {
  const amounts = fc.oneof(fc.integer({ min: 1, max: 3_000_000 }), fc.integer({ min: 1, max: MAX }));
  const rates = fc.oneof(fc.integer({ min: 0, max: 3_000_000 }), fc.integer({ min: 0, max: RATE_MAX }));
  const nearTheBound = rates
    .filter((rate) => rate > 0)
    .chain((rate) =>
      fc.integer({ min: -3, max: 3 }).map((by) => ({
        amount: Math.min(MAX, Math.max(1, Number((BigInt(MAX) * 1_000_000n) / BigInt(rate)) + by)),
        rate,
      })),
    );
  const asked = fc.array(fc.oneof(fc.record({ amount: amounts, rate: rates }), nearTheBound), {
    minLength: 100,
    maxLength: 200,
  });
  const property = fc.asyncProperty(asked, async (each) => {
    expect(await prices(each)).toEqual(each.map(exact));
  });
  await fc.assert(property, { numRuns: 50 });
});

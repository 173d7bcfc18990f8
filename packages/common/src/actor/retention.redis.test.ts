import { GROUPS, logKey } from 'common/events/keys';
import { Connections } from 'common/redis/connections';
import { ScriptRunner } from 'common/script/scriptRunner';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { SWEEP_COUNT_MAX, SWEEP_PASSED_MAX, TRIM_COUNT_MAX } from './limits.ts';
import { Retention, type Sweep } from './retention.ts';

// Goal: a round removes all that may go, however much it is, and what has to stay costs it no more than so much. Method: whole
// rounds on a real Redis; the records are numbers, of which some may go.
const tag = '0';
const RETENTION_MS = 1_000;
const DEADLINE_MS = 600_000;
const server = await startTestRedis();
const connections = new Connections(server.url, 'retention', pino({ level: 'silent' }));
const redis = connections.commands;
beforeAll(() => connections.connect());
beforeEach(() => redis.flushall());
afterAll(async () => {
  await connections.closeAll();
  await server.stop();
});

function retention(sweeps: Readonly<Record<string, Sweep>> = {}) {
  const registry = new Registry();
  const parts = { connections, scripts: new ScriptRunner(), registry, logger: pino({ level: 'silent' }) };
  const config = { retentionMs: RETENTION_MS, deadlineMs: DEADLINE_MS };
  const started = new Retention({ ...parts, partitions: [{ index: 0, tag }], config, sweeps });
  return {
    sweepOnce: () => started.sweepOnce(),
    async removed(what: string) {
      const { values = [] } = (await registry.getSingleMetric('saga_retention_removed_total')?.get()) ?? {};
      return values.find(({ labels }) => labels.what === what)?.value;
    },
  };
}

test('the log is trimmed in one round, be it many times what one call trims', async () => {
  const log = logKey(tag);
  const entries = 3 * TRIM_COUNT_MAX + 7;
  // Of a size at which the limit of a call never falls between two nodes of the stream.
  const add = "for i = 1, ARGV[1] do redis.call('XADD', KEYS[1], i .. '-0', 'holderId', ARGV[2]) end";
  await redis.eval(add, 1, log, entries, 'x'.repeat(300));
  for (const group of GROUPS) await redis.xgroup('CREATE', log, group, '$');
  const { sweepOnce, removed } = retention();
  await sweepOnce();
  expect(await redis.xlen(log)).toBe(0);
  expect(await removed('log entries')).toBe(entries);
});

test('an order that is open keeps its entries, however short the retention', async () => {
  const log = logKey(tag);
  const open = await redis.xadd(log, `${Date.now() - DEADLINE_MS / 2}-0`, 'eventType', 'OrderCreated');
  for (const group of GROUPS) await redis.xgroup('CREATE', log, group, '$');
  await retention().sweepOnce();
  expect((await redis.xrange(log, '-', '+')).map(([id]) => id)).toEqual([open]);
});

/** An index of records, of which those in `staying` have to stay; and how many each call was asked to look at. */
function records(count: number, staying: (record: number) => boolean) {
  const left = Array.from({ length: count }, (_, i) => i);
  let looks = 0;
  const sweep: Sweep = async (_, offset, countMax) => {
    const looked = left.slice(offset, offset + countMax);
    looks += looked.length;
    const going = looked.filter((record) => !staying(record));
    for (const record of going) left.splice(left.indexOf(record), 1);
    return { seen: looked.length, removed: going.length, failure: '' };
  };
  return { sweep, left, looks: () => looks };
}

test('all that may go goes in one round, past some that have to stay', async () => {
  const { sweep, left } = records(20 * SWEEP_COUNT_MAX, (record) => record % 7 === 0 || record < 3 * SWEEP_COUNT_MAX);
  const { sweepOnce, removed } = retention({ records: sweep });
  await sweepOnce();
  expect(left.every((record) => record % 7 === 0 || record < 3 * SWEEP_COUNT_MAX)).toBe(true);
  expect(await removed('records')).toBe(20 * SWEEP_COUNT_MAX - left.length);
});

test('so many that have to stay are passed in a round and no more; rounds later one behind them goes all the same', async () => {
  const count = 3 * SWEEP_PASSED_MAX;
  let held = true;
  const { sweep, left, looks } = records(count, (record) => held && record !== count - 1);
  const { sweepOnce } = retention({ records: sweep });
  await sweepOnce();
  expect(looks()).toBe(SWEEP_PASSED_MAX);
  for (let round = 2; round <= 4; round++) await sweepOnce();
  expect(left).toHaveLength(count - 1);
  expect(looks()).toBeLessThanOrEqual(4 * SWEEP_PASSED_MAX);
  held = false;
  await sweepOnce();
  expect(left).toEqual([]);
});

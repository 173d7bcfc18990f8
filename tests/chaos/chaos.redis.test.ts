import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { FAULTS } from './faults/schedule.ts';
import { commandOf } from './report.ts';
import { type ChaosResult, runChaos } from './runChaos.ts';

// Goal: nothing that must hold breaks under faults of every kind. Method: a minute of `npm run chaos`, with few orders, a
// Redis that syncs every second, and the checker. A container's Redis can not be killed by its process nor its file cut.
const source = inject('redisSource');
// Each kind once, and some services more: with this seed every service is hit.
const options = { orders: 600, faults: FAULTS.length + 5, seed: 129, seconds: 42, fsync: 'everysec' } as const;
const dir = await mkdtemp(join(inject('redisHome'), 'chaos-'));

afterAll(() => rm(dir, { recursive: true, force: true }));

const runs = (): Promise<ChaosResult> => runChaos(options, { source, dir, onProgress: () => {} });

test.runIf(source.kind === 'binary')('a minute of chaos, no violation', { timeout: 900_000 }, async () => {
  const { violations, answered, faults, skipped } = await runs();
  expect(violations, commandOf(options)).toEqual([]);
  expect(answered).toBeGreaterThan(options.orders * 0.9);
  const kinds = new Set(faults.map(({ name }) => name)).size;
  expect(kinds, skipped.join('; ')).toBeGreaterThan(FAULTS.length * 0.8);
});

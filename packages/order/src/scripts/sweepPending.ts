import { join } from 'node:path';
import { defineScript } from 'common/script/script';
import type { ScriptRunner } from 'common/script/scriptRunner';
import { outcomeReader } from 'common/transitions/table';
import type { Redis } from 'ioredis';
import { pendingKey } from '../keys.ts';
import { transitions } from '../transitions.ts';

/** The deadline service comes first: its event is only missing where something is broken. */
export const OVERDUE_MS = 500;
/** Orders that one call looks at: bounds the time that the script holds Redis. */
export const SWEEP_COUNT_MAX = 100;
/** When one that could not be settled is tried again. */
const AGAIN_MS = 1_000;

export const sweepPending = defineScript({
  name: 'sweepPending',
  file: join(import.meta.dirname, 'sweepPending.lua'),
  keys: ['pending'],
  args: ['tag', 'overdueMs', 'againMs', 'countMax'],
  replies: ['SWEPT'],
});

export type Sweep = {
  /** Whether more may be overdue. */
  full: boolean;
  /** The ids of the orders that it settled. */
  swept: number[];
  failed: { orderId: number; why: string }[];
};

const assertRow = outcomeReader(transitions);

/** Rejects up to a hundred orders of one partition that are overdue by Redis' clock. */
export async function sweepOverdue(scripts: ScriptRunner, redis: Redis, tag: string): Promise<Sweep> {
  const { rest } = await scripts.run(
    redis,
    sweepPending,
    { pending: pendingKey(tag) },
    { tag, overdueMs: OVERDUE_MS, againMs: AGAIN_MS, countMax: SWEEP_COUNT_MAX },
  );
  const [seen, swept, failed] = rest as [number, [string, string][], [string, string][]];
  for (const [, outcome] of swept) assertRow(outcome);
  return {
    full: seen === SWEEP_COUNT_MAX,
    swept: swept.map(([orderId]) => Number(orderId)),
    failed: failed.map(([orderId, why]) => ({ orderId: Number(orderId), why })),
  };
}

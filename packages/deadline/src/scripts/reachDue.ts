import { join } from 'node:path';
import { defineScript } from 'common/script/script';
import type { ScriptRunner } from 'common/script/scriptRunner';
import { type Outcome, outcomeReader } from 'common/transitions/table';
import type { Redis } from 'ioredis';
import { dueKey } from '../keys.ts';
import { transitions } from '../transitions.ts';
import { type WakeUp, wakeUpOf } from '../wakeUp.ts';

/** Deadlines that one call fires: bounds the time that the script holds Redis. */
const REACH_COUNT_MAX = 200;
/** When one that could not be fired is tried again. */
const AGAIN_MS = 1_000;

export const reachDue = defineScript({
  name: 'reachDue',
  file: join(import.meta.dirname, 'reachDue.lua'),
  keys: ['due'],
  args: ['tag', 'againMs', 'countMax'],
  replies: ['REACHED'],
});

export type Reached = {
  /** Redis' time, in ms since 1970. */
  now: number;
  fired: { orderId: number; lateMs: number; outcome: Outcome }[];
  failed: { orderId: number; why: string }[];
  /** What the next deadline needs; its `inMs` is 0 or less where more is due already. */
  next: WakeUp | undefined;
};

const readOutcome = outcomeReader(transitions);

/**
 * Fires up to 200 deadlines of one partition that are due by Redis' clock.
 *
 * @throws the error of Redis or of the connection; running it again is harmless
 */
export async function reachDeadlines(scripts: ScriptRunner, redis: Redis, tag: string): Promise<Reached> {
  const args = { tag, againMs: AGAIN_MS, countMax: REACH_COUNT_MAX };
  const { rest } = await scripts.run(redis, reachDue, { due: dueKey(tag) }, args);
  const [now, fired, failed, next] = rest as [string, [string, string, string][], [string, string][], string];
  return {
    now: Number(now),
    fired: fired.map(([orderId, lateMs, outcome]) => ({
      orderId: Number(orderId),
      lateMs: Number(lateMs),
      outcome: readOutcome(outcome),
    })),
    failed: failed.map(([orderId, why]) => ({ orderId: Number(orderId), why })),
    next: next === '' ? undefined : wakeUpOf(next),
  };
}

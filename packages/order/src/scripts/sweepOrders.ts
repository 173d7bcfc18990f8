import { join } from 'node:path';
import type { Swept } from 'common/actor/retention';
import { logKey } from 'common/events/keys';
import { defineScript } from 'common/script/script';
import type { ScriptRunner } from 'common/script/scriptRunner';
import type { Redis } from 'ioredis';
import { statusIndexKey } from '../keys.ts';
import type { OrderStatus } from '../order.ts';

export const sweepOrders = defineScript({
  name: 'sweepOrders',
  file: join(import.meta.dirname, 'sweepOrders.lua'),
  keys: ['index', 'log'],
  args: ['tag', 'status', 'retentionMs', 'offset', 'countMax'],
  replies: ['SWEPT'],
});

export type SettledOrders = { tag: string; status: OrderStatus; retentionMs: number; offset: number; countMax: number };

/** Removes orders of one settled status that are past their retention and whose events have all left the log. */
export async function sweepSettledOrders(
  scripts: ScriptRunner,
  redis: Redis,
  { tag, status, retentionMs, offset, countMax }: SettledOrders,
): Promise<Swept> {
  const keys = { index: statusIndexKey(tag, status), log: logKey(tag) };
  const { rest } = await scripts.run(redis, sweepOrders, keys, { tag, status, retentionMs, offset, countMax });
  return { seen: Number(rest[0]), removed: Number(rest[1]) };
}

import { GROUPS, logKey } from 'common/events/keys';
import { ratesKey } from 'exchange/keys';
import { openAccountOnce } from 'point/scripts/openAccount';
import { placeOrder } from '../kit/placeOrder.ts';
import { DEADLINE_MS, START_MS } from './moments.ts';
import { partitionTag, type Worlds } from './world.ts';
import { CURRENCY, clockKey, USER } from './worldKeys.ts';

/** What an order costs in every scene. */
export const PRICE = 5;

/** @property rate what is stored for the usual currency */
export type Setting = { orders: number; partitions: number; deposited: number; rate?: string; currencyId?: string };

/** What clients and an operator have done before the story begins: an account is open, orders are placed. */
export function placing({ orders, partitions, deposited, rate, currencyId = CURRENCY }: Setting) {
  return async (worlds: Worlds, tag: string): Promise<void> => {
    for (let index = 0; index < partitions; index++) {
      const part = partitionTag(tag, index);
      await worlds.redis.set(clockKey(part), START_MS);
      for (const group of GROUPS) await worlds.redis.xgroup('CREATE', logKey(part), group, '0', 'MKSTREAM');
      if (rate !== undefined) await worlds.redis.hset(ratesKey(part), CURRENCY, rate);
      await open(worlds, part, deposited);
      for (let i = 1; i <= orders; i++) await place(worlds, part, i, currencyId);
    }
  };
}

async function open({ redis, runner }: Worlds, tag: string, point: number): Promise<void> {
  const request = { requestDigest: 'open', bodyDigest: 'a', requestMs: 1 };
  await openAccountOnce(runner, redis, { tag, userId: USER, point, ...request });
}

async function place({ redis, runner }: Worlds, tag: string, number: number, currencyId: string): Promise<void> {
  const made = await placeOrder(runner, redis, {
    holderId: USER,
    currencyId,
    amount: PRICE,
    partition: { index: 0, tag },
    partitions: 1,
    requestDigest: String(number),
    bodyDigest: 'a',
    admit: true,
    deadlineMs: DEADLINE_MS,
    requestMs: 1,
  });
  if (made.kind !== 'CREATED') throw new Error(`order ${number} was answered ${made.kind}`);
}

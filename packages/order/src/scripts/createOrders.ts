import { join } from 'node:path';
import type { RememberedRequest } from 'common/http/rememberedRequest';
import { defineScript } from 'common/script/script';
import type { ScriptRunner } from 'common/script/scriptRunner';
import { outcomeReader } from 'common/transitions/table';
import type { Redis } from 'ioredis';
import { sequenceKey } from '../keys.ts';
import { type Order, type OrderRequest, orderOf } from '../order.ts';
import { transitions } from '../transitions.ts';

export const createOrders = defineScript({
  name: 'createOrders',
  file: join(import.meta.dirname, 'createOrders.lua'),
  keys: ['sequence'],
  args: ['tag', 'partition', 'partitions', 'deadlineMs'],
  replies: ['TAKEN'],
  each: ['CREATED', 'REPLAYED', 'CONFLICT', 'OVERLOADED', 'FAILED'],
});

export type OrderIntent = OrderRequest &
  RememberedRequest & {
    /** Whether a new order is welcome; a repetition always is. */
    admit: boolean;
  };

/** Where orders are placed, and how long they have. */
export type OrderPlace = {
  partition: { index: number; tag: string };
  partitions: number;
  deadlineMs: number;
};

export type Created =
  | { kind: 'CREATED' | 'REPLAYED'; order: Order }
  /** The request was done before, and its order is not kept any more. */
  | { kind: 'GONE'; orderId: number }
  /** The request was done before with another body. */
  | { kind: 'CONFLICT'; orderId: number }
  | { kind: 'OVERLOADED' };

const assertRow = outcomeReader(transitions);

/**
 * Takes orders in, in one round trip.
 *
 * @returns for each intent what became of it; an error where nothing did and trying again would not help
 * @throws the error of Redis or of the connection; whether any order was taken in is then unknown, and the same intents
 *   may be sent again
 */
export async function placeOrders(
  scripts: ScriptRunner,
  redis: Redis,
  { partition: { tag, index }, partitions, deadlineMs }: OrderPlace,
  intents: readonly OrderIntent[],
): Promise<(Created | Error)[]> {
  const { rest } = await scripts.run(
    redis,
    createOrders,
    { sequence: sequenceKey(tag) },
    { tag, partition: index, partitions, deadlineMs },
    intents.flatMap(argumentsOf),
  );
  return intents.map((intent, i) => createdOf(intent, rest[i] as [string, ...unknown[]]));
}

function argumentsOf(intent: OrderIntent): (string | number)[] {
  const { holderId, currencyId, amount, requestDigest, bodyDigest, admit, requestMs } = intent;
  return [holderId, currencyId, amount, requestDigest, bodyDigest, Number(admit), requestMs];
}

function createdOf({ holderId, currencyId, amount }: OrderIntent, [word, ...rest]: [string, ...unknown[]]) {
  switch (word) {
    case 'CREATED': {
      const [outcome, id, createdAt, deadline] = rest.map(String);
      assertRow(outcome ?? '');
      const times = { createdAt: Number(createdAt), deadline: Number(deadline), settledAt: undefined };
      const order: Order = { id: Number(id), holderId, currencyId, amount, status: 'PENDING', ...times };
      return { kind: word, order } as const;
    }
    case 'REPLAYED':
      return replayed(Number(rest[0]), rest[1] as string[]);
    case 'CONFLICT':
      return { kind: word, orderId: Number(rest[0]) } as const;
    case 'OVERLOADED':
      return { kind: word } as const;
    case 'FAILED':
      return new Error(`createOrders: ${rest[0]}`);
    default:
      throw new TypeError(`createOrders answered ${word} for an order`);
  }
}

function replayed(orderId: number, flat: readonly string[]): Created {
  if (flat.length === 0) return { kind: 'GONE', orderId };
  const hash: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) hash[String(flat[i])] = String(flat[i + 1]);
  return { kind: 'REPLAYED', order: orderOf(orderId, hash) };
}

import { join } from 'node:path';
import type { RememberedRequest } from 'common/http/rememberedRequest';
import { defineScript } from 'common/script/script';
import type { ScriptRunner } from 'common/script/scriptRunner';
import { outcomeReader } from 'common/transitions/table';
import type { Redis } from 'ioredis';
import { holderIndexKey, requestKey, sequenceKey } from '../keys.ts';
import { type Order, type OrderRequest, orderOf } from '../order.ts';
import { transitions } from '../transitions.ts';

export const createOrder = defineScript({
  name: 'createOrder',
  file: join(import.meta.dirname, 'createOrder.lua'),
  keys: ['request', 'sequence', 'holderIndex'],
  args: [
    'tag',
    'partition',
    'partitions',
    'holderId',
    'currencyId',
    'amount',
    'body',
    'admit',
    'deadlineMs',
    'requestMs',
  ],
  replies: ['CREATED', 'REPLAYED', 'CONFLICT', 'OVERLOADED'],
});

export type OrderIntent = OrderRequest &
  RememberedRequest & {
    partition: { index: number; tag: string };
    partitions: number;
    /** Whether a new order is welcome; a repetition always is. */
    admit: boolean;
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
 * Takes an order in, in one round trip.
 *
 * @throws the error of Redis or of the connection; whether the order was taken in is then unknown, and the same intent
 *   may be sent again
 */
export async function placeOrder(scripts: ScriptRunner, redis: Redis, intent: OrderIntent): Promise<Created> {
  const { holderId, currencyId, amount, partition, partitions, deadlineMs, requestMs } = intent;
  const { tag, index } = partition;
  const { word, rest } = await scripts.run(
    redis,
    createOrder,
    {
      request: requestKey(tag, intent.requestDigest),
      sequence: sequenceKey(tag),
      holderIndex: holderIndexKey(tag, holderId),
    },
    {
      tag,
      partition: index,
      partitions,
      holderId,
      currencyId,
      amount,
      body: intent.bodyDigest,
      admit: Number(intent.admit),
      deadlineMs,
      requestMs,
    },
  );
  switch (word) {
    case 'CREATED': {
      const [outcome, id, createdAt, deadline] = rest.map(String);
      assertRow(outcome ?? '');
      const times = { createdAt: Number(createdAt), deadline: Number(deadline), settledAt: undefined };
      return { kind: word, order: { id: Number(id), holderId, currencyId, amount, status: 'PENDING', ...times } };
    }
    case 'REPLAYED':
      return replayed(Number(rest[0]), rest[1] as string[]);
    case 'CONFLICT':
      return { kind: word, orderId: Number(rest[0]) };
    case 'OVERLOADED':
      return { kind: word };
  }
}

function replayed(orderId: number, flat: readonly string[]): Created {
  if (flat.length === 0) return { kind: 'GONE', orderId };
  const hash: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) hash[String(flat[i])] = String(flat[i + 1]);
  return { kind: 'REPLAYED', order: orderOf(orderId, hash) };
}

import { join } from 'node:path';
import { defineScript } from 'common/script/script';
import type { ScriptRunner } from 'common/script/scriptRunner';
import type { Redis } from 'ioredis';
import { requestKey } from '../keys.ts';
import type { PointRequest } from '../pointRequest.ts';

export const deposit = defineScript({
  name: 'deposit',
  file: join(import.meta.dirname, 'deposit.lua'),
  keys: ['request'],
  args: ['tag', 'userId', 'amount', 'body', 'requestMs'],
  replies: ['DEPOSITED', 'REPLAYED', 'CONFLICT', 'NO_ACCOUNT', 'TOO_MUCH'],
});

export type DepositAnswer =
  /** `point`: the balance that this request is answered with, now as when it came first. */
  | { kind: 'DEPOSITED'; point: number }
  /** `room`: how much can still be paid in. */
  | { kind: 'TOO_MUCH'; room: number }
  | { kind: 'CONFLICT' }
  | { kind: 'NO_ACCOUNT' };

/**
 * Pays points into an account; the same request again pays nothing and gets the same answer.
 *
 * @throws the error of Redis or of the connection; the same request may be sent again
 */
export async function depositOnce(
  scripts: ScriptRunner,
  redis: Redis,
  { tag, userId, point, requestDigest, bodyDigest, requestMs }: PointRequest,
): Promise<DepositAnswer> {
  const keys = { request: requestKey(tag, requestDigest) };
  const args = { tag, userId, amount: point, body: bodyDigest, requestMs };
  const { word, rest } = await scripts.run(redis, deposit, keys, args);
  if (word === 'DEPOSITED' || word === 'REPLAYED') return { kind: 'DEPOSITED', point: Number(rest[0]) };
  if (word === 'TOO_MUCH') return { kind: word, room: Number(rest[0]) };
  return { kind: word };
}

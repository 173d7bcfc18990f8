import { join } from 'node:path';
import { defineScript } from 'common/script/script';
import type { ScriptRunner } from 'common/script/scriptRunner';
import type { Redis } from 'ioredis';
import { accountKey, accountsKey, requestKey } from '../keys.ts';
import type { PointRequest } from '../pointRequest.ts';

export const openAccount = defineScript({
  name: 'openAccount',
  file: join(import.meta.dirname, 'openAccount.lua'),
  keys: ['account', 'accounts', 'request'],
  args: ['tag', 'userId', 'point', 'body', 'requestMs'],
  replies: ['OPENED', 'REPLAYED', 'CONFLICT', 'EXISTS'],
});

/** `point` is the balance that this request is answered with, now as when it came first. */
export type OpenAnswer = { kind: 'OPENED'; point: number } | { kind: 'CONFLICT' } | { kind: 'EXISTS' };

/**
 * Opens an account with its first points; the same request again gets the same answer.
 *
 * @throws the error of Redis or of the connection; the same request may be sent again
 */
export async function openAccountOnce(
  scripts: ScriptRunner,
  redis: Redis,
  { tag, userId, point, requestDigest, bodyDigest, requestMs }: PointRequest,
): Promise<OpenAnswer> {
  const keys = {
    account: accountKey(tag, userId),
    accounts: accountsKey(tag),
    request: requestKey(tag, requestDigest),
  };
  const args = { tag, userId, point, body: bodyDigest, requestMs };
  const { word, rest } = await scripts.run(redis, openAccount, keys, args);
  if (word === 'OPENED' || word === 'REPLAYED') return { kind: 'OPENED', point: Number(rest[0]) };
  return { kind: word };
}

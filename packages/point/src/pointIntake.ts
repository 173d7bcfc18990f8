import type { IdempotencyKey } from 'common/http/idempotencyKey';
import { rememberedRequest } from 'common/http/rememberedRequest';
import { partitionOfHolder } from 'common/partition/partition';
import type { Foundation } from 'common/process/foundation';
import { retryOnce } from 'common/redis/retryOnce';
import type { PointRequest } from './pointRequest.ts';
import { type DepositAnswer, depositOnce } from './scripts/deposit.ts';
import { type OpenAnswer, openAccountOnce } from './scripts/openAccount.ts';

/** What brings points in, each with the key of the request that asks for it. */
export type PointIntake = {
  open(userId: string, point: number, key: IdempotencyKey): Promise<OpenAnswer>;
  deposit(userId: string, point: number, key: IdempotencyKey): Promise<DepositAnswer>;
};

/** Runs each request once, and once more where its answer was lost with the connection: its key keeps it from acting twice. */
export function pointIntake({ connections, partitions, scripts }: Foundation, retentionMs: number): PointIntake {
  const redis = connections.commands;
  const request = (route: string, userId: string, point: number, key: IdempotencyKey): PointRequest => ({
    tag: partitionOfHolder(userId, partitions).tag,
    userId,
    point,
    ...rememberedRequest({ route, who: userId, body: [String(point)] }, key, retentionMs),
  });
  return {
    open(userId, point, key) {
      const asked = request('POST /points', userId, point, key);
      return retryOnce(redis, () => openAccountOnce(scripts, redis, asked));
    },
    deposit(userId, point, key) {
      const asked = request('POST /points/:userId/deposits', userId, point, key);
      return retryOnce(redis, () => depositOnce(scripts, redis, asked));
    },
  };
}

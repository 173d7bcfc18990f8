import { indexKey, logKey } from 'common/events/keys';
import { partitionOfOrder, partitionsOf } from 'common/partition/partition';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startTestRedis, type TestRedis } from './redis.ts';

/** In one step, as services do it: whoever hears of an event finds it in the index. */
const writeScript = `
  local id = redis.call('XADD', KEYS[1], ARGV[1], unpack(ARGV, 2))
  redis.call('RPUSH', KEYS[2], id)
  return id`;

export type HandWrittenLog = {
  readonly url: string;
  readonly redis: Redis;
  /** Writes one event of an order to its log and index, as a service would; answers its id. */
  write(orderId: number, eventType: string, id?: string, more?: Record<string, string | number>): Promise<string>;
};

/** An event log that the tests of a file write by hand: a Redis of their own, emptied before each. */
export function handWrittenLog(partitionCount: number): HandWrittenLog {
  const partitions = partitionsOf(partitionCount);
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startTestRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    await redis.flushall();
  });
  return {
    get url() {
      return server.url;
    },
    get redis() {
      return redis;
    },
    async write(orderId, eventType, id = '*', more = {}) {
      const { tag } = partitionOfOrder(orderId, partitions);
      const times = { timestamp: 1_700_000_000_000, deadline: 1_700_000_010_000 };
      const fields = Object.entries({ eventType, version: 1, orderId, ...times, ...more }).flat();
      const written = await redis.eval(writeScript, 2, logKey(tag), indexKey(tag, orderId), id, ...fields);
      if (typeof written !== 'string') throw new Error('nothing was written');
      return written;
    },
  };
}

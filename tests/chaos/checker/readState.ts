import { deadKey, logKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import type { Partition } from 'common/partition/partition';
import { readHashes } from 'common/redis/hashes';
import { deadlineOf } from 'deadline/deadline';
import { dueKey } from 'deadline/keys';
import { EXCHANGE_STATUSES, exchangeOf } from 'exchange/exchange';
import { statusIndexKey as exchangeIndexKey } from 'exchange/keys';
import type { Redis } from 'ioredis';
import { statusIndexKey as orderIndexKey, pendingKey } from 'order/keys';
import { ORDER_STATUSES, orderOf } from 'order/order';
import { accountOf } from 'point/account';
import { statusIndexKey as transactionIndexKey } from 'point/keys';
import { TRANSACTION_STATUSES, transactionOf } from 'point/transaction';
import { readGroups } from './readGroups.ts';
import { emptyState, type Logged, type State, type StatusIndex } from './state.ts';

const SCAN_COUNT = 5_000;
const PAGE = 2_000;

/** Reads everything that a run has left in Redis. */
export async function readState(redis: Redis, partitions: readonly Partition[]): Promise<State> {
  const state = emptyState(partitions.length);
  for (const partition of partitions) {
    await readRecords(redis, partition, state);
    await readLog(redis, partition, state);
    state.groups.push(...(await readGroups(redis, partition)));
    state.indexes.push(...(await readIndexes(redis, partition)));
    state.due += await redis.zcard(dueKey(partition.tag));
    state.open += await redis.zcard(pendingKey(partition.tag));
    for (const [id, flat] of await redis.xrange(deadKey(partition.tag), '-', '+')) {
      const { eventType, orderId, ...dead } = entryFields(flat);
      const why = `${dead['dead.reason']} of ${dead['dead.group']}: ${dead['dead.cause']}`;
      state.deadLetters.push(`${id} ${eventType} of order ${orderId}, ${why}`);
    }
  }
  return state;
}

/** How the hashes of one kind are told by their key, and what becomes of one. */
const RECORDS: readonly { key: RegExp; take: (state: State, id: string, hash: Record<string, string>) => void }[] = [
  { key: /^order:\{\d+\}:(\d+)$/, take: (state, id, hash) => state.orders.set(Number(id), orderOf(Number(id), hash)) },
  {
    key: /^exchange:\{\d+\}:(\d+)$/,
    take: (state, id, hash) => state.exchanges.set(Number(id), exchangeOf(Number(id), hash)),
  },
  {
    key: /^point:\{\d+\}:transaction:(\d+)$/,
    take: (state, id, hash) => state.transactions.set(Number(id), transactionOf(Number(id), hash)),
  },
  {
    key: /^deadline:\{\d+\}:(\d+)$/,
    take: (state, id, hash) => state.deadlines.set(Number(id), deadlineOf(Number(id), hash)),
  },
  { key: /^point:\{\d+\}:account:(.+)$/, take: (state, id, hash) => state.accounts.set(id, accountOf(id, hash)) },
];
const REQUEST = /^(order|point):\{\d+\}:request:(\w+)$/;

async function readRecords(redis: Redis, { tag }: Partition, state: State): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `*{${tag}}*`, 'COUNT', SCAN_COUNT);
    cursor = next;
    await readHashesOf(redis, keys, state);
    await readRequests(redis, keys, state);
  } while (cursor !== '0');
}

async function readHashesOf(redis: Redis, keys: readonly string[], state: State): Promise<void> {
  const found = keys.flatMap((key) => {
    const kind = RECORDS.find(({ key: pattern }) => pattern.test(key));
    return kind ? [{ key, id: kind.key.exec(key)?.[1] ?? '', take: kind.take }] : [];
  });
  const hashes = await readHashes(
    redis,
    found.map(({ key }) => key),
  );
  found.forEach(({ id, take }, i) => {
    const hash = hashes[i];
    if (hash) take(state, id, hash);
  });
}

async function readRequests(redis: Redis, keys: readonly string[], state: State): Promise<void> {
  const requests = keys.filter((key) => REQUEST.test(key));
  const values = requests.length > 0 ? await redis.mget(requests) : [];
  requests.forEach((key, i) => {
    const [, service, digest = ''] = REQUEST.exec(key) ?? [];
    if (service === 'point') state.paymentRequests.add(digest);
    else state.orderRequests.set(digest, Number(values[i]?.split(' ')[0]));
  });
}

async function readLog(redis: Redis, { tag }: Partition, state: State): Promise<void> {
  for (let after = '-'; ; ) {
    const entries = await redis.xrange(logKey(tag), after, '+', 'COUNT', PAGE);
    for (const [id, flat] of entries) state.log.push(logged(id, entryFields(flat)));
    const last = entries.at(-1);
    if (!last || entries.length < PAGE) return;
    after = `(${last[0]}`;
  }
}

function logged(id: string, fields: Record<string, string>): Logged {
  const { eventType, orderId, timestamp, deadline, pointUsed, pointRefunded } = fields;
  const moved = pointUsed ?? pointRefunded;
  return {
    id,
    type: eventType as Logged['type'],
    orderId: Number(orderId),
    timestamp: Number(timestamp),
    deadline: Number(deadline),
    ...(moved !== undefined && { moved: Number(moved) }),
  };
}

async function readIndexes(redis: Redis, { tag }: Partition): Promise<StatusIndex[]> {
  const kinds = [
    ...ORDER_STATUSES.map((status) => ({ of: 'orders' as const, status, key: orderIndexKey(tag, status) })),
    ...EXCHANGE_STATUSES.map((status) => ({ of: 'exchanges' as const, status, key: exchangeIndexKey(tag, status) })),
    ...TRANSACTION_STATUSES.map((status) => ({
      ...{ of: 'transactions' as const, status, key: transactionIndexKey(tag, status) },
    })),
  ];
  const read = async ({ key, ...kind }: (typeof kinds)[number]) => ({
    ...kind,
    ids: (await redis.zrange(key, '0', '-1')).map(Number),
  });
  return Promise.all(kinds.map(read));
}

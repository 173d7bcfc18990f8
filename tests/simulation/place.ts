import { partitionOfHolder, partitionsOf } from 'common/partition/partition';
import type { ScriptRunner } from 'common/script/scriptRunner';
import type { Redis } from 'ioredis';
import { depositOnce } from 'point/scripts/deposit';
import { openAccountOnce } from 'point/scripts/openAccount';
import { placeOrder } from '../kit/placeOrder.ts';
import { DEADLINE_MS } from './command.ts';
import { Dice } from './dice.ts';
import type { Shadow } from './shadow.ts';

/** Request keys outlive a story: by Redis' own clock it takes seconds. */
const REQUEST_MS = 3_600_000;
const USERS = 16;
const FIRST_POINTS = 20_000;
const AMOUNT_MAX = 200;
/** One request in so many is sent twice. */
const REPEATED = 12;

export const PARTITIONS = partitionsOf(2);

/** Users by the partition that they live in; one of each has no account. */
export const USERS_OF: readonly (readonly string[])[] = PARTITIONS.map(({ index }) =>
  Array.from({ length: 100 }, (_, i) => `user-${i}`)
    .filter((user) => partitionOfHolder(user, PARTITIONS).index === index)
    .slice(0, USERS),
);

/** The currency that an order waits in for work outside Redis; no sleep comes with it here. */
const DELAYED_CURRENCY = '100';
export const currencyOf = (number: number) => (number === 4 ? DELAYED_CURRENCY : String(number));

export type Till = { runner: ScriptRunner; redis: Redis; partition: { index: number; tag: string }; shadow: Shadow };

/** Makes digests that no other request has. */
let requests = 0;
function newRequest() {
  requests += 1;
  return { requestDigest: `r${requests}`, bodyDigest: 'a', requestMs: REQUEST_MS };
}

export async function openAccounts({ runner, redis, partition, shadow }: Till): Promise<void> {
  for (const userId of (USERS_OF[partition.index] ?? []).slice(1)) {
    await openAccountOnce(runner, redis, { tag: partition.tag, userId, point: FIRST_POINTS, ...newRequest() });
    shadow.paidIn(userId, FIRST_POINTS);
  }
}

/** Pays in, twice by the same request now and then; the user. */
export async function payIn({ runner, redis, partition, shadow }: Till, seed: number): Promise<string[]> {
  const dice = new Dice(seed);
  const userId = dice.oneOf((USERS_OF[partition.index] ?? []).slice(1));
  if (userId === undefined) return [];
  const request = { tag: partition.tag, userId, point: 1 + dice.below(FIRST_POINTS), ...newRequest() };
  for (let times = 1 + Number(dice.below(REPEATED) === 0); times > 0; times -= 1) {
    const answer = await depositOnce(runner, redis, request);
    if (answer.kind !== 'DEPOSITED') throw new Error(`a deposit was answered ${answer.kind}`);
  }
  shadow.paidIn(userId, request.point);
  return [userId];
}

/** Places orders of users drawn by the dice, in one go; their ids. */
export async function placeOrders(
  { runner, redis, partition, shadow }: Till,
  { count, currency, dice: seed }: { count: number; currency: number; dice: number },
): Promise<number[]> {
  const dice = new Dice(seed);
  const place = async () => {
    const holderId = dice.oneOf(USERS_OF[partition.index] ?? []) ?? '';
    const intent = {
      ...{ holderId, partition, partitions: PARTITIONS.length, admit: true, deadlineMs: DEADLINE_MS },
      ...{ currencyId: currencyOf(currency), amount: 1 + dice.below(AMOUNT_MAX), ...newRequest() },
    };
    const again = dice.below(REPEATED) === 0;
    const [made, repeated] = await Promise.all([
      placeOrder(runner, redis, intent),
      again ? placeOrder(runner, redis, intent) : undefined,
    ]);
    if (made.kind !== 'CREATED') throw new Error(`an order was answered ${made.kind}`);
    if (repeated && !(repeated.kind === 'REPLAYED' && repeated.order.id === made.order.id)) {
      throw new Error(`I4: the repetition of order ${made.order.id} was answered ${repeated.kind}`);
    }
    shadow.placed(made.order.id, holderId, made.order.deadline);
    return made.order.id;
  };
  return Promise.all(Array.from({ length: count }, place));
}

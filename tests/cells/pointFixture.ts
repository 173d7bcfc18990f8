import { pointActor, pointSettings } from 'point/actor';
import { accountKey, accountsKey, requestKey, statusIndexKey, transactionKey } from 'point/keys';
import { deposit, depositOnce } from 'point/scripts/deposit';
import { openAccount, openAccountOnce } from 'point/scripts/openAccount';
import { sweepTransactions, transactionSweep } from 'point/scripts/sweepTransactions';
import { TRANSACTION_STATUSES } from 'point/transaction';
import { expect } from 'vitest';
import type { CellFixture } from './cellFixture.ts';
import { HOLDER, POINT } from './sampleEvent.ts';
import type { World } from './world.ts';

const OPENED = 'abc123';
const PAID_IN = 'def456';
const at = expect.stringMatching(/^17\d{11}$/);

const request = ({ tag }: World, requestDigest: string, point: number) => ({
  ...{ tag, userId: HOLDER, point, requestDigest, bodyDigest: `b0d1${point}`, requestMs: 60_000 },
});

const open = (world: World, point: number) =>
  openAccountOnce(world.base.scripts, world.redis, request(world, OPENED, point));

const payIn = (world: World, point: number) =>
  depositOnce(world.base.scripts, world.redis, request(world, PAID_IN, point));

const account = (point: number) => async (world: World) => void (await open(world, point));

/** What the cells need to know about the point service. */
export const pointFixture: CellFixture = {
  service: 'point',
  actor: pointActor,
  settings: pointSettings,
  guards: {
    enough: [
      { name: 'more than enough', now: ({ createdAt }) => createdAt + 9, arrange: account(10_000) },
      { name: 'just enough, 1 ms before the deadline', now: ({ deadline }) => deadline - 1, arrange: account(500) },
    ],
    short: [
      { name: '1 too few, 1 ms before the deadline', now: ({ deadline }) => deadline - 1, arrange: account(499) },
      { name: 'no account', now: ({ createdAt }) => createdAt },
    ],
    late: [
      { name: 'at the deadline', now: ({ deadline }) => deadline, arrange: account(10_000) },
      { name: 'after it, no account', now: ({ deadline }) => deadline + 1 },
    ],
    fresh: [
      { name: 'early', now: ({ createdAt }) => createdAt + 7 },
      { name: '1 ms before the bound', now: ({ deadline, retentionMs }) => deadline + retentionMs / 2 - 1 },
    ],
    stale: [
      { name: 'at the bound', now: ({ deadline, retentionMs }) => deadline + retentionMs / 2 },
      { name: 'after it', now: ({ deadline, retentionMs }) => deadline + retentionMs / 2 + 1 },
    ],
  },
  recordKey: ({ tag, orderId }) => transactionKey(tag, orderId),
  records: ({ deadline }) => {
    const owned = { userId: HOLDER, deadline: String(deadline), at };
    return {
      USED: { ...owned, status: 'USED', point: POINT },
      REFUNDED: { ...owned, status: 'REFUNDED', point: POINT },
      FAILED: {
        ...owned,
        status: 'FAILED',
        reason: expect.stringMatching(/^(INSUFFICIENT_POINTS|ACCOUNT_NOT_FOUND)$/),
      },
      VOIDED: { ...owned, status: 'VOIDED' },
    };
  },
  statusIndex: {
    key: ({ tag }, state) => statusIndexKey(tag, state),
    member: ({ orderId }) => String(orderId).padStart(16, '0'),
    score: 'at',
  },
  alsoHolds: ({ tag }, state, keyspace) => {
    const held = keyspace[accountKey(tag, HOLDER)]?.value as Record<string, string> | undefined;
    if (!held) return;
    const used = state === 'USED' ? Number(POINT) : 0;
    expect(held).toMatchObject({ used: String(used), usedArchived: '0' });
    expect(held.point).toBe(String(Number(held.deposited) - used));
  },
  keys: ({ tag, orderId }) => [
    ...[accountKey(tag, HOLDER), accountsKey(tag), transactionKey(tag, orderId)],
    ...[requestKey(tag, OPENED), requestKey(tag, PAID_IN)],
    ...pointActor.table.states.map((state) => statusIndexKey(tag, state)),
  ],
  scripts: [openAccount, deposit, sweepTransactions],
  sweeps: ({ base, retentionMs }) =>
    Object.fromEntries(TRANSACTION_STATUSES.map((state) => [state, transactionSweep(base, state, retentionMs)])),
  requests: {
    'opening an account': { run: (world) => open(world, 10) },
    'paying points in': { arrange: (world) => open(world, 10), run: (world) => payIn(world, 5) },
  },
  replies: {
    'an account is opened once, whatever is repeated': async (world) => {
      expect(await open(world, 10)).toEqual({ kind: 'OPENED', point: 10 });
      const before = await world.dump();
      expect(await open(world, 10)).toEqual({ kind: 'OPENED', point: 10 });
      expect(await open(world, 11)).toEqual({ kind: 'CONFLICT' });
      const again = request(world, PAID_IN, 12);
      expect(await openAccountOnce(world.base.scripts, world.redis, again)).toEqual({ kind: 'EXISTS' });
      expect(await world.dump()).toEqual(before);
    },
    'points are paid in once, and never more than 2^53 - 1': async (world) => {
      expect(await payIn(world, 5)).toEqual({ kind: 'NO_ACCOUNT' });
      await open(world, 10);
      expect(await payIn(world, Number.MAX_SAFE_INTEGER - 9)).toEqual({
        ...{ kind: 'TOO_MUCH', room: Number.MAX_SAFE_INTEGER - 10 },
      });
      expect(await payIn(world, 5)).toEqual({ kind: 'DEPOSITED', point: 15 });
      const before = await world.dump();
      expect(await payIn(world, 5)).toEqual({ kind: 'DEPOSITED', point: 15 });
      expect(await payIn(world, 6)).toEqual({ kind: 'CONFLICT' });
      expect(await world.dump()).toEqual(before);
    },
  },
};

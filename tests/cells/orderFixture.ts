import { orderActor } from 'order/actor';
import { holderIndexKey, orderKey, pendingKey, requestKey, sequenceKey, statusIndexKey } from 'order/keys';
import type { OrderStatus } from 'order/order';
import { createOrders, type OrderIntent } from 'order/scripts/createOrders';
import { orderSweep, sweepOrders } from 'order/scripts/sweepOrders';
import { sweepOverdue, sweepPending } from 'order/scripts/sweepPending';
import { expect } from 'vitest';
import { placeOrder } from '../kit/placeOrder.ts';
import type { CellFixture } from './cellFixture.ts';
import { AMOUNT, HOLDER } from './sampleEvent.ts';
import type { World } from './world.ts';

const REQUEST = 'abc123';

const place = ({ base, redis, tag, deadline, createdAt }: World, intent: Partial<OrderIntent> = {}) =>
  placeOrder(base.scripts, redis, {
    ...{ holderId: HOLDER, currencyId: '1', amount: Number(AMOUNT) },
    ...{ partition: { index: 0, tag }, partitions: 1, admit: true, deadlineMs: deadline - createdAt },
    ...{ requestDigest: REQUEST, bodyDigest: 'b0d1', requestMs: 60_000 },
    ...intent,
  });

async function sweep({ base, redis, tag }: World): Promise<void> {
  const { failed } = await sweepOverdue(base.scripts, redis, tag);
  if (failed.length > 0) throw new Error(failed.map(({ why }) => why).join());
}

/** What the cells need to know about the order service. */
export const orderFixture: CellFixture = {
  service: 'order',
  actor: orderActor,
  guards: {
    newRequest: [{ name: 'a new request key', now: ({ createdAt }) => createdAt }],
    inTime: [
      { name: 'early', now: ({ createdAt }) => createdAt + 5 },
      { name: '1 ms before the deadline', now: ({ deadline }) => deadline - 1 },
      // The deadline of an order is what its record says, whatever an event claims.
      {
        name: '1 ms before it, after that of the event',
        now: ({ deadline }) => deadline - 1,
        fields: { deadline: '1700000009999' },
      },
    ],
    late: [
      { name: 'at the deadline', now: ({ deadline }) => deadline },
      { name: 'after it', now: ({ deadline }) => deadline + 1 },
    ],
    overdue: [
      { name: '500 ms after the deadline', now: ({ deadline }) => deadline + 500 },
      { name: 'long after it', now: ({ deadline }) => deadline + 86_400_000 },
    ],
  },
  otherwise: {
    sweep: [
      { name: 'in time', now: ({ deadline }) => deadline - 1 },
      { name: 'at the deadline', now: ({ deadline }) => deadline },
      { name: '1 ms before it is overdue', now: ({ deadline }) => deadline + 499 },
    ],
  },
  commands: {
    'POST /orders': async (world) => void (await place(world)),
    sweep,
  },
  putOff: ({ tag }) => [pendingKey(tag)],
  recordKey: ({ tag, orderId }) => orderKey(tag, orderId),
  records: (world) => {
    const placed = {
      ...{ holderId: HOLDER, currencyId: '1', amount: AMOUNT },
      ...{ createdAt: String(world.createdAt), deadline: String(world.deadline) },
    };
    const settled = { ...placed, settledAt: expect.stringMatching(/^17\d{11}$/) };
    const states = orderActor.table.states.map((status) => [status, { ...settled, status }]);
    return { ...Object.fromEntries(states), PENDING: { ...placed, status: 'PENDING' } };
  },
  statusIndex: {
    key: ({ tag }, state) => statusIndexKey(tag, state),
    member: ({ orderId }) => String(orderId).padStart(16, '0'),
    score: 'createdAt',
  },
  alsoHolds: ({ tag, orderId, deadline, createdAt }, state, keyspace) => {
    const open = state === 'PENDING' ? [String(orderId), String(deadline)] : [];
    expect(keyspace[pendingKey(tag)]?.value ?? []).toEqual(open);
    const held = state === 'none' ? [] : [String(orderId).padStart(16, '0'), String(createdAt)];
    expect(keyspace[holderIndexKey(tag, HOLDER)]?.value ?? []).toEqual(held);
  },
  keys: ({ tag, orderId }) => [
    ...[orderKey(tag, orderId), pendingKey(tag), sequenceKey(tag)],
    ...[requestKey(tag, REQUEST), holderIndexKey(tag, HOLDER)],
    ...orderActor.table.states.map((state) => statusIndexKey(tag, state)),
  ],
  scripts: [createOrders, sweepPending, sweepOrders],
  sweeps: ({ base, retentionMs }) => {
    const settled = orderActor.table.states.filter((state) => state !== 'PENDING');
    return Object.fromEntries(settled.map((state) => [state, orderSweep(base, state as OrderStatus, retentionMs)]));
  },
  replies: {
    'a request key with another body is a conflict': async (world) => {
      await place(world);
      expect(await place(world, { bodyDigest: 'ffff' })).toEqual({ kind: 'CONFLICT', orderId: world.orderId });
    },
    'an order that is not welcome leaves nothing': async (world) => {
      const before = await world.dump();
      expect(await place(world, { admit: false })).toEqual({ kind: 'OVERLOADED' });
      expect(await world.dump()).toEqual(before);
    },
    'a repetition is answered even where orders are not welcome': async (world) => {
      await place(world);
      expect(await place(world, { admit: false })).toMatchObject({ kind: 'REPLAYED', order: { id: world.orderId } });
    },
  },
};

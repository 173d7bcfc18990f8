import { deadlineActor } from 'deadline/actor';
import { closedKey, deadlineKey, dueKey } from 'deadline/keys';
import { reachDeadlines, reachDue } from 'deadline/scripts/reachDue';
import { deadlineSweep, sweepDeadlines } from 'deadline/scripts/sweepDeadlines';
import { expect } from 'vitest';
import type { CellFixture } from './cellFixture.ts';
import type { World } from './world.ts';

const at = expect.stringMatching(/^17\d{11}$/);

async function due({ base, redis, tag }: World): Promise<void> {
  const { failed } = await reachDeadlines(base.scripts, redis, tag);
  if (failed.length > 0) throw new Error(failed.map(({ why }) => why).join());
}

/** What the cells need to know about the deadline service. */
export const deadlineFixture: CellFixture = {
  service: 'deadline',
  actor: deadlineActor,
  guards: {
    reached: [
      { name: 'at the deadline', now: ({ deadline }) => deadline },
      { name: 'long after it', now: ({ deadline }) => deadline + 86_400_000 },
    ],
  },
  otherwise: {
    due: [
      { name: '1 ms before the deadline', now: ({ deadline }) => deadline - 1 },
      { name: 'before the order, the clock went back', now: ({ createdAt }) => createdAt - 1 },
    ],
  },
  commands: { due },
  putOff: ({ tag }) => [dueKey(tag)],
  recordKey: ({ tag, orderId }) => deadlineKey(tag, orderId),
  records: (world) => {
    const deadline = String(world.deadline);
    const scheduled = { deadline, startedTime: String(world.createdAt) };
    return {
      SCHEDULED: { ...scheduled, status: 'SCHEDULED' },
      REACHED: { ...scheduled, status: 'REACHED', reachedAt: at },
      // Where it was never scheduled, nobody has told when the order began.
      CANCELLED: expect.objectContaining({ status: 'CANCELLED', deadline }),
    };
  },
  alsoHolds: ({ tag, orderId, deadline }, state, keyspace) => {
    const member = String(orderId).padStart(16, '0');
    const open = state === 'SCHEDULED' ? [member, String(deadline)] : [];
    expect(keyspace[dueKey(tag)]?.value ?? []).toEqual(open);
    const closed = ['CANCELLED', 'REACHED'].includes(state) ? [member, at] : [];
    expect(keyspace[closedKey(tag)]?.value ?? []).toEqual(closed);
  },
  keys: ({ tag, orderId }) => [deadlineKey(tag, orderId), dueKey(tag), closedKey(tag)],
  scripts: [reachDue, sweepDeadlines],
  sweeps: ({ base, retentionMs }) => {
    const sweep = deadlineSweep(base, retentionMs);
    return { CANCELLED: sweep, REACHED: sweep };
  },
};

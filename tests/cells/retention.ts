import { indexKey } from 'common/events/keys';
import { expect } from 'vitest';
import { changedKeys } from '../kit/keyspace.ts';
import { expectRunWholeWhereTypesAreWrong } from './brokenKeys.ts';
import type { World } from './world.ts';

const COUNT_MAX = 10;

/**
 * A record goes once its retention is over and its order is gone, not 1 ms before and not while the order is there; and
 * its index entries go with it.
 */
export async function expectSweptInTime(world: World, state: string): Promise<void> {
  const { fixture, deadline, retentionMs } = world;
  await world.reach(state);
  const sweep = () => sweepState(world, state);
  const over = deadline + retentionMs;

  await world.clock.set(over);
  expect((await sweep())?.removed, 'while its order is there').toBe(0);
  await forgetOrder(world);
  await world.clock.set(over - 1);
  expect((await sweep())?.removed, '1 ms before its retention is over').toBe(0);

  await world.clock.set(over);
  const before = await world.dump();
  expect(await sweep()).toMatchObject({ seen: 1, removed: 1 });
  const after = await world.dump();
  expect(after[fixture.recordKey(world)]).toBeUndefined();
  const listed = Object.keys(after).filter((key) => JSON.stringify(after[key]).includes(memberOf(world)));
  expect(listed, 'indexes that still list it').toEqual([]);
  const allowed = [...fixture.keys(world), indexKey(world.tag, world.orderId)];
  expect(changedKeys(before, after).filter((key) => !allowed.includes(key))).toEqual([]);
}

/** Whatever key is of a wrong type, a record that has to go either goes with its index entries or stays with them. */
export function expectSweptWhole(world: World, state: string): Promise<void> {
  const arrange = async () => {
    await world.reach(state);
    await forgetOrder(world);
    await world.clock.set(world.deadline + world.retentionMs);
  };
  return expectRunWholeWhereTypesAreWrong(world, arrange, async () => sweepState(world, state));
}

const sweepState = (world: World, state: string) =>
  world.fixture.sweeps?.(world)[state]?.({ index: 0, tag: world.tag }, 0, COUNT_MAX);

/** The sign that nothing of an order can be under way any more: to its own service an empty log, to others no index. */
const forgetOrder = ({ fixture, redis, log, tag, orderId }: World) =>
  fixture.service === 'order' ? redis.xtrim(log, 'MAXLEN', 0) : redis.del(indexKey(tag, orderId));

const memberOf = ({ orderId }: World) => String(orderId).padStart(16, '0');

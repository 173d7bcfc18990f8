import { CATALOG, COMMON_FIELDS, type EventType } from 'common/events/catalog';
import { indexKey } from 'common/events/keys';
import { expect } from 'vitest';
import type { World } from './world.ts';

/** An entry that its schema refuses is handed back for the dead letters, by both ways, and changes nothing. */
export async function expectRefusedWithoutField(world: World, on: EventType): Promise<void> {
  const guardCase = { name: 'early', now: ({ createdAt }: World) => createdAt };
  for (const field of Object.keys({ ...COMMON_FIELDS, ...CATALOG[on] })) {
    for (const way of ['drain', 'handle'] as const) {
      await world.before({ from: 'none', guardCase });
      const id = await world.publish(on, { fields: { [field]: '' } });
      const before = await world.dump();
      expect(await world.deliver(id, way)).toMatchObject({ word: 'REFUSED', outcome: field });
      expect(await world.dump()).toEqual(before);
      expect(await world.pending()).toBe(1);
    }
  }
}

/** An entry that was trimmed away while it was pending is told apart, and changes nothing. */
export async function expectTrimmed(world: World, on: EventType): Promise<void> {
  await world.reach('none');
  const id = await world.publish(on);
  await world.redis.xreadgroup('GROUP', world.group, 'cells', 'COUNT', 1, 'STREAMS', world.log, '>');
  await world.redis.xdel(world.log, id);
  const before = await world.dump();
  expect(await world.handleAgain(id)).toMatchObject({ word: 'TRIMMED' });
  expect(await world.dump()).toEqual(before);
}

/** The index of an order that was swept away is not brought back by what comes late. */
export async function expectNoIndexBroughtBack(world: World, on: EventType): Promise<void> {
  await world.reach('none');
  const id = await world.publish(on);
  const index = indexKey(world.tag, world.orderId);
  await world.redis.del(index);
  expect(await world.deliver(id, 'drain')).toMatchObject({ word: 'DONE' });
  expect(await world.redis.exists(index)).toBe(0);
}

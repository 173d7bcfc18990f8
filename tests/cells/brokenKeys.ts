import { deadKey, indexKey } from 'common/events/keys';
import { entryFields, parseEvent } from 'common/events/sagaEvent';
import { outcomeOf, type Row } from 'common/transitions/table';
import { expect } from 'vitest';
import { changedKeys, type Keyspace } from '../kit/keyspace.ts';
import { type Touch, touchedKeys } from '../kit/touchedKeys.ts';
import type { Cell, Way } from './cellPlan.ts';
import type { Delivered, World } from './world.ts';

/** A cell with a row: what a broken key could leave half done. */
export type RowCell = Cell & { row: Row };

const GARBAGE = ['x', '-1', '1e3', '9007199254740993'];

/** Publishes a cell's trigger in a world of its own; what it returns delivers it and tells how that ended. */
async function prepare(world: World, cell: RowCell, way: Way) {
  await world.before(cell);
  const id = way === 'command' ? '' : await world.publish(cell.on, cell.guardCase);
  const deliver = () => (way === 'command' ? world.command(cell.on) : world.deliver(id, way));
  const failed = (error: unknown): Delivered => ({ id, word: 'ERROR', outcome: String(error) });
  return { id, deliver, tryToDeliver: () => deliver().catch(failed) };
}

/** The keys that a row's script reads or writes, each with the command that touches it first. */
export async function keysOfRow(world: World, cell: RowCell, way: Way): Promise<Touch[]> {
  const { deliver } = await prepare(world, cell, way);
  const touches = await touchedKeys(world.redis, world.tag, deliver);
  return touches.filter(({ key }) => key !== world.clock.key);
}

/**
 * Redis does not roll a failed script back, so no command after a script's first write may be able to fail: where a key
 * is of a wrong type, the entry is handed back and nothing at all is written; once the key is mended the entry runs.
 */
export async function expectUnwrittenWhereTypesAreWrong(world: World, cell: RowCell, way: Way, touches: Touch[]) {
  for (const touch of touches) {
    const { id, tryToDeliver } = await prepare(world, cell, way);
    const good = await spoil(world, touch);
    const before = await world.dump();
    const delivered = await tryToDeliver();
    const what = `${touch.key} of a wrong type: ${delivered.word} ${delivered.outcome}`;
    expectUnwritten(world, before, await world.dump(), way, what);
    const inTheScript = way !== 'command' && touch.key !== world.log && touch.key !== world.retry;
    expect(delivered, what).toMatchObject({ word: inTheScript ? 'FAILED' : 'ERROR' });
    if (way === 'command') continue;
    if (touch.key !== world.log) expect(await world.pending(), `pending after ${what}`).toBe(1);

    await world.redis.del(touch.key);
    if (good !== null) await world.redis.restore(touch.key, 0, good);
    expect(await world.handle(id), what).toMatchObject({ word: 'DONE', outcome: outcomeOf(cell.row) });
  }
}

/** The same of what is no row, a request or a sweep: whichever key is broken, it does nothing or all of it. */
export async function expectRunWholeWhereTypesAreWrong(
  world: World,
  arrange: () => Promise<unknown>,
  run: () => Promise<unknown>,
): Promise<void> {
  await arrange();
  const unarranged = await world.dump();
  const touches = (await touchedKeys(world.redis, world.tag, run)).filter(({ key }) => key !== world.clock.key);
  const whole = changedKeys(unarranged, await world.dump());
  expect(whole, 'it must do something that could be half done').not.toEqual([]);
  for (const touch of touches) {
    await arrange();
    await spoil(world, touch);
    const before = await world.dump();
    await run().catch(() => undefined);
    const changed = changedKeys(before, await world.dump());
    expect([[], whole], `${touch.key} of a wrong type: nothing, or all of it`).toContainEqual(changed);
  }
}

/** Puts a key of another type in the place of one; answers what was there. */
async function spoil(world: World, touch: Touch): Promise<Buffer | null> {
  const good = await world.redis.dumpBuffer(touch.key);
  await world.redis.del(touch.key);
  if (await isString(touch, world, good)) await world.redis.rpush(touch.key, 'of the wrong type');
  else await world.redis.set(touch.key, 'of the wrong type');
  return good;
}

async function isString({ key, command }: Touch, world: World, good: Buffer | null): Promise<boolean> {
  if (good === null) return /^(GET|SET|INCR)/.test(command);
  await world.redis.restore(key, 0, good);
  const type = await world.redis.type(key);
  await world.redis.del(key);
  return type === 'string';
}

/** What a record holds may be anything: either nothing is written, or every event that is written is whole. */
export async function expectWholeWhereValuesAreWrong(world: World, cell: RowCell, way: Way, touches: Touch[]) {
  await world.before(cell);
  for (const { key } of touches) {
    if ((await world.redis.type(key)) !== 'hash') continue;
    for (const field of await world.redis.hkeys(key)) {
      for (const value of [...GARBAGE, undefined]) {
        const { tryToDeliver } = await prepare(world, cell, way);
        if (value === undefined) await world.redis.hdel(key, field);
        else await world.redis.hset(key, field, value);
        await expectWhole(world, way, tryToDeliver, `${key} with ${field} = ${value}`);
      }
    }
    await world.before(cell);
  }
}

async function expectWhole(world: World, way: Way, tryToDeliver: () => Promise<Delivered>, what: string) {
  const before = await world.dump();
  const { word, outcome } = await tryToDeliver();
  const after = await world.dump();
  if (word === 'DONE') {
    for (const [id, flat] of (after[world.log]?.value ?? []) as [string, string[]][]) {
      expect(parseEvent(entryFields(flat)), `${what}: ${id}`).toMatchObject({ ok: true });
    }
  } else expectUnwritten(world, before, after, way, `${what}: ${word} ${outcome}`);
}

/** A sweep may put off what it could not settle; nothing else may have changed. */
function expectUnwritten(world: World, before: Keyspace, after: Keyspace, way: Way, what: string): void {
  const mayMove = way === 'command' ? (world.fixture.putOff?.(world) ?? []) : [];
  expect(
    changedKeys(before, after).filter((key) => !mayMove.includes(key)),
    what,
  ).toEqual([]);
}

/** The keys that scripts touch and keys.ts does not spell, and those that keys.ts spells and no script touches. */
export function keysApart(world: World, touched: ReadonlySet<string>): { unspelled: string[]; untouched: string[] } {
  const shared = [world.log, indexKey(world.tag, world.orderId), deadKey(world.tag), world.retry];
  const spelled = world.fixture.keys(world);
  return {
    unspelled: [...touched].filter((key) => !shared.includes(key) && !spelled.includes(key)),
    untouched: spelled.filter((key) => !touched.has(key)),
  };
}

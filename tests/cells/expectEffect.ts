import { deadKey, indexKey } from 'common/events/keys';
import { entryFields, parseEvent } from 'common/events/sagaEvent';
import { compareIds } from 'common/log/logEntry';
import { isEvent, type Row } from 'common/transitions/table';
import { expect } from 'vitest';
import { changedKeys, type Keyspace } from '../kit/keyspace.ts';
import type { World } from './world.ts';

type Entry = [string, string[]];
type Change = { before: Keyspace; after: Keyspace };

const entriesOf = (keyspace: Keyspace, key: string) => (keyspace[key]?.value ?? []) as Entry[];
const listOf = (keyspace: Keyspace, key: string) => (keyspace[key]?.value ?? []) as string[];

/** Asserts that between two dumps happened what a row says and nothing else; nothing at all where there is no row. */
export async function expectEffect(
  world: World,
  row: Row | undefined,
  { id, now }: { id: string; now: number },
  change: Change,
): Promise<void> {
  if (!row) return expect(change.after).toEqual(change.before);
  const left = [
    ...expectEvent(world, row, { id, now }, change),
    ...(row.notes === undefined ? [] : [noteOf(world, row.notes, { id, now })]),
  ];
  const index = indexKey(world.tag, world.orderId);
  expect(listOf(change.after, index)).toEqual([...listOf(change.before, index), ...left]);
  expectDeadLetter(world, row, { id, now }, change);
  expectOwnKeysOnly(world, row, change);
  await expectRecord(world, row.to, change.after);
}

/** @returns the id of the event that the row emits, if any */
function expectEvent(world: World, row: Row, { id, now }: { id: string; now: number }, { before, after }: Change) {
  const old = entriesOf(before, world.log);
  const all = entriesOf(after, world.log);
  expect(all.slice(0, old.length)).toEqual(old);
  const added = all.slice(old.length);
  expect(added.map(([, flat]) => entryFields(flat).eventType)).toEqual(row.emits === undefined ? [] : [row.emits]);
  for (const [, flat] of added) {
    const fields = entryFields(flat);
    expect(parseEvent(fields)).toMatchObject({ ok: true });
    expect(flat.length).toBe(2 * Object.keys(fields).length);
    expect(fields).toMatchObject({
      orderId: String(world.orderId),
      timestamp: String(now),
      deadline: String(world.deadline),
    });
    expect(fields.causationId).toBe(isEvent(row.on) ? id : undefined);
  }
  return added.map(([added]) => added).sort(compareIds);
}

function noteOf(world: World, why: string, { id, now }: { id: string; now: number }): string {
  return `ignored ${world.group} ${id} ${why} ${Math.max(0, now - world.deadline)} ${now}`;
}

function expectDeadLetter(world: World, row: Row, { id, now }: { id: string; now: number }, { before, after }: Change) {
  const dead = deadKey(world.tag);
  const added = entriesOf(after, dead).slice(entriesOf(before, dead).length);
  expect(added).toHaveLength(row.dead === undefined ? 0 : 1);
  for (const [, flat] of added) {
    const original = entriesOf(after, world.log).find(([other]) => other === id)?.[1] ?? [];
    const reason = { 'dead.reason': row.dead, 'dead.group': world.group, 'dead.id': id, 'dead.at': String(now) };
    expect(entryFields(flat)).toMatchObject({ ...entryFields(original), ...reason });
  }
}

function expectOwnKeysOnly(world: World, row: Row, { before, after }: Change): void {
  const shared = [world.log, indexKey(world.tag, world.orderId), deadKey(world.tag)];
  const own = changedKeys(before, after).filter((key) => !shared.includes(key));
  const allowed = row.from === row.to ? [] : world.fixture.keys(world);
  expect(own.filter((key) => !allowed.includes(key))).toEqual([]);
}

/** Asserts that the record holds all that its state has, and that it is listed under its state and no other. */
async function expectRecord(world: World, state: string, keyspace: Keyspace): Promise<void> {
  const { fixture } = world;
  const record = keyspace[fixture.recordKey(world)]?.value as Record<string, string> | undefined;
  expect(record ?? 'none').toEqual(state === 'none' ? 'none' : fixture.records(world)[state]);
  fixture.alsoHolds?.(world, state, keyspace);
  const { statusIndex } = fixture;
  if (!statusIndex) return;
  for (const listed of fixture.actor.table.states) {
    const members = listOf(keyspace, statusIndex.key(world, listed));
    const expected = listed === state ? [statusIndex.member(world), record?.[statusIndex.score]] : [];
    expect(members, `the index of ${listed}`).toEqual(expected);
  }
}

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outcomeOf, subscriptions } from 'common/transitions/table';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestRedis } from '../kit/redis.ts';
import { touchedKeys } from '../kit/touchedKeys.ts';
import { expectNoIndexBroughtBack, expectRefusedWithoutField, expectTrimmed } from './brokenEntries.ts';
import {
  expectRunWholeWhereTypesAreWrong,
  expectUnwrittenWhereTypesAreWrong,
  expectWholeWhereValuesAreWrong,
  keysApart,
  keysOfRow,
  type RowCell,
} from './brokenKeys.ts';
import type { CellFixture } from './cellFixture.ts';
import { type Cell, cellsOf, waysOf } from './cellPlan.ts';
import { CellRuns } from './cellRuns.ts';
import { expectSweptInTime, expectSweptWhole } from './retention.ts';
import { World } from './world.ts';

/**
 * Goal: a service does what its table says in every state, on every trigger, under every guard, and nothing else.
 * Method: each cell against a real Redis with a virtual clock, reached by the shipped scripts along the table's own
 * rows, by both ways; once, again as the same entry, and again as a copy. A dump of all keys before and after shows
 * that nothing else has changed. Then each row with each of its keys broken; and at the end, what was never reached.
 */
export async function cellTests(fixture: CellFixture): Promise<void> {
  const redis = await startTestRedis();
  const world = new World(fixture, redis.url);
  const runs = new CellRuns(world);
  const cells = cellsOf(fixture, fixture.actor.table);
  const rows = fixture.actor.table.rows.length;

  beforeAll(() => world.connect());
  afterAll(async () => {
    await world.close();
    await redis.stop();
    console.log(`${fixture.service.padEnd(8)} ${cells.length} cells, ${rows} rows, ${runs.count} deliveries compared`);
  });

  describe(fixture.service, () => {
    everyCell(fixture, cells, runs);
    const touched = new Set<string>();
    brokenKeys(world, cells, touched);
    brokenEntries(world);
    retention(world);
    requests(world);
    allReached(world, runs, touched);
  });
}

function everyCell({ actor: { table } }: CellFixture, cells: readonly Cell[], runs: CellRuns): void {
  describe.each(['none', ...table.states])('from %s', (from) => {
    for (const cell of cells.filter((each) => each.from === from)) {
      const { row, on, guard, guardCase } = cell;
      const effect = row ? `-> ${row.to} ${row.emits ?? row.notes ?? row.dead ?? ''}` : 'ignored';
      test.each(waysOf(on))(`${on}, ${guard} (${guardCase.name}), by %s: ${effect}`, (way) => runs.run(cell, way));
    }
  });
}

function brokenKeys(world: World, cells: readonly Cell[], touched: Set<string>): void {
  const { table } = world.fixture.actor;
  const rowCells = table.rows.flatMap((row) => cells.find((cell): cell is RowCell => cell.row === row) ?? []);
  describe('a broken key leaves nothing half written', () => {
    for (const cell of rowCells) {
      test.each(waysOf(cell.on))(`${outcomeOf(cell.row)}, by %s`, async (way) => {
        const touches = await keysOfRow(world, cell, way);
        for (const { key } of touches) touched.add(key);
        await expectUnwrittenWhereTypesAreWrong(world, cell, way, touches);
        if (way !== 'handle') await expectWholeWhereValuesAreWrong(world, cell, way, touches);
      });
    }
  });
}

function brokenEntries(world: World): void {
  describe.each(subscriptions(world.fixture.actor.table))('%s', (on) => {
    test('is refused where a field is missing', () => expectRefusedWithoutField(world, on));
    test('is told apart where it was trimmed', () => expectTrimmed(world, on));
    test('brings no index back', () => expectNoIndexBroughtBack(world, on));
  });
}

function retention(world: World): void {
  describe('is removed once its retention is over', () => {
    test.each(Object.keys(world.fixture.sweeps?.(world) ?? {}))('%s', (state) => expectSweptInTime(world, state));
    test.each(Object.keys(world.fixture.sweeps?.(world) ?? {}))('%s, whole', (state) => expectSweptWhole(world, state));
  });
}

function requests(world: World): void {
  const all = Object.entries(world.fixture.requests ?? {});
  test.each(all)('%s leaves nothing half written where a key is broken', async (_, { arrange, run }) => {
    const before = async () => {
      await world.reach('none');
      await arrange?.(world);
    };
    await expectRunWholeWhereTypesAreWrong(world, before, () => run(world));
  });
}

function allReached(world: World, runs: CellRuns, touched: Set<string>): void {
  const { replies = {}, scripts, actor } = world.fixture;
  test.each(Object.entries(replies))('%s', async (_, run) => {
    await world.reach('none');
    const touches = await touchedKeys(world.redis, world.tag, () => run(world));
    for (const { key } of touches) touched.add(key);
  });
  test('the scripts touch the keys that keys.ts spells, and no others', () => {
    touched.delete(world.clock.key);
    expect(keysApart(world, touched)).toEqual({ unspelled: [], untouched: [] });
  });
  test('every row is reached by every way', () => expect(runs.unreached()).toEqual([]));
  test('every script of the service is among those that were run', () => {
    const files = globSync('*.lua', { cwd: actor.scriptsFolder }).map((file) => join(actor.scriptsFolder, file));
    const known = scripts.map(({ file }) => file);
    expect(files.filter((file) => readFileSync(file, 'utf8').startsWith('#!lua')).sort()).toEqual(known.sort());
  });
  test('every reply of every script is reached', () => {
    const { drain, handle } = world.scripts;
    expect(world.runner.unseen([drain, handle, ...scripts])).toEqual([]);
  });
}

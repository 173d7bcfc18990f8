import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exchangeActor } from 'exchange/actor';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { expectUnwrittenWhereTypesAreWrong, keysOfRow, type RowCell } from '../../cells/brokenKeys.ts';
import type { CellFixture } from '../../cells/cellFixture.ts';
import { cellsOf } from '../../cells/cellPlan.ts';
import { exchangeFixture } from '../../cells/exchangeFixture.ts';
import { World } from '../../cells/world.ts';
import { startTestRedis } from '../../kit/redis.ts';

// Goal: a command that can fail after a script's first write is found. Method: the fault injection of the cell tests, a
// wrong type at every key that a row touches, on a transition that does not read the type of an index that it writes to.
const server = await startTestRedis();
afterAll(() => server.stop());

const READS = "readStatus(event.orderId, 'EXCHANGED', 'COMPENSATED', 'VOIDED')";

function fixtureWith(readStatus: string): CellFixture {
  const scriptsFolder = mkdtempSync(join(tmpdir(), 'saga-half-written-'));
  onTestFinished(() => rmSync(scriptsFolder, { recursive: true }));
  cpSync(exchangeActor.scriptsFolder, scriptsFolder, { recursive: true });
  const file = join(scriptsFolder, 'compensateExchange.lua');
  const shipped = readFileSync(file, 'utf8');
  expect(shipped).toContain(READS);
  writeFileSync(file, shipped.replace(READS, readStatus));
  return { ...exchangeFixture, actor: { ...exchangeActor, scriptsFolder } };
}

async function injectInto(fixture: CellFixture): Promise<void> {
  const world = new World(fixture, server.url);
  await world.connect();
  onTestFinished(() => world.close());
  const row = exchangeActor.table.rows.find(({ to }) => to === 'COMPENSATED');
  const cell = cellsOf(fixture, exchangeActor.table).find((each): each is RowCell => each.row === row);
  if (!cell) throw new Error('no row leads to COMPENSATED');
  for (const way of ['drain', 'handle'] as const) {
    await expectUnwrittenWhereTypesAreWrong(world, cell, way, await keysOfRow(world, cell, way));
  }
}

test('the shipped transition reads every type before it writes', () => injectInto(fixtureWith(READS)));

test.each([
  [
    'the index of COMPENSATED',
    "readStatus(event.orderId, 'EXCHANGED', 'VOIDED')",
    'status:COMPENSATED of a wrong type',
  ],
  ['the index of EXCHANGED', "readStatus(event.orderId, 'COMPENSATED', 'VOIDED')", 'status:EXCHANGED of a wrong type'],
])('one that does not read %s is found', async (_, readStatus, problem) => {
  await expect(injectInto(fixtureWith(readStatus))).rejects.toThrow(problem);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOMS, renderImportRules } from './importRules.ts';

// Goal: the table can hold no circle and is the one in force. That Biome refuses what it should: check.test.ts.

test.each(ROOMS)('$name imports only rooms above it in the table', ({ name, rooms }) => {
  const above = ROOMS.slice(
    0,
    ROOMS.findIndex((room) => room.name === name),
  ).map((room) => room.name);
  expect(above).toEqual(expect.arrayContaining([...rooms]));
});

test('biome.imports.json is rendered from the table', () => {
  const inForce = readFileSync(join(import.meta.dirname, '../biome.imports.json'), 'utf8');
  expect(inForce).toBe(renderImportRules());
});

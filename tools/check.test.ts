import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { scratchCopy } from './scratchCopy.ts';

// Goal: every rule of `npm run check` can fail. Method: one violation of each kind is planted into a copy of this very
// checkout, the check runs once, and must name each place and rule. A rule that cannot fail is none: tools that do not
// know TypeScript 7's files pass in silence.

type Plant = { rule: string; path: string; text: string; says: RegExp };

const lines = (count: number, line: string) => `${line}\n`.repeat(count);
const order = 'packages/order/src';
const common = 'packages/common/src';

const PLANTS: readonly Plant[] = [
  {
    rule: 'types',
    path: `${order}/wrongType.ts`,
    text: "export const amount: number = 'five';\n",
    says: /wrongType\.ts\(1,14\): error TS2322/,
  },
  {
    rule: 'promises: one that nobody waits for',
    path: `${common}/redis/floating.ts`,
    text: "import type { Redis } from 'ioredis';\n\nexport const drop = (redis: Redis): void => {\n  redis.del('x');\n};\n",
    says: /floating\.ts:4:3: Promises must be awaited/,
  },
  {
    rule: 'promises: a switch that misses a case',
    path: `${order}/missing.ts`,
    text: "export function missing(word: 'a' | 'b'): void {\n  switch (word) {\n    case 'a':\n      break;\n  }\n}\n",
    says: /missing\.ts:2:11: Switch is not exhaustive/,
  },
  {
    rule: 'lint: any',
    path: `${order}/anything.ts`,
    text: 'export const anything: any = 5;\n',
    says: /anything\.ts:1:\d+ lint\/suspicious\/noExplicitAny/,
  },
  {
    rule: 'lint: console in a service',
    path: `${order}/shout.ts`,
    text: "console.log('hey');\n",
    says: /shout\.ts:1:\d+ lint\/suspicious\/noConsole/,
  },
  {
    rule: 'lint: a function too long',
    path: `${order}/long.ts`,
    text: `export function long(): number {\n  let a = 0;\n${lines(75, '  a += 1;')}  return a;\n}\n`,
    says: /long\.ts:1:\d+ lint\/complexity\/noExcessiveLinesPerFunction/,
  },
  {
    rule: 'lint: a barrel',
    path: `${order}/barrel.ts`,
    text: "export { amount } from './wrongType.ts';\nexport { anything } from './anything.ts';\n",
    says: /barrel\.ts:1:\d+ lint\/performance\/noBarrelFile/,
  },
  {
    rule: 'lint: files that import each other',
    path: `${order}/circle.ts`,
    text: "import { square } from './square.ts';\n\nexport const circle = () => square;\n",
    says: /circle\.ts:1:\d+ lint\/suspicious\/noImportCycles/,
  },
  {
    rule: 'lint: the other file of the circle',
    path: `${order}/square.ts`,
    text: "import { circle } from './circle.ts';\n\nexport const square = (): unknown => circle;\n",
    says: /square\.ts:1:\d+ lint\/suspicious\/noImportCycles/,
  },
  {
    rule: 'format',
    path: `${order}/crooked.ts`,
    text: 'export const crooked = {a:1}\n',
    says: /crooked\.ts format/,
  },
  {
    rule: 'unused export',
    path: `${order}/lonely.ts`,
    text: 'export const lonelyExport = 5;\n',
    says: /lonelyExport\s+packages\/order\/src\/lonely\.ts:1:14/,
  },
  {
    rule: 'unused file',
    path: 'tests/kit/forgotten.ts',
    text: 'export const forgotten = 5;\n',
    says: /^tests\/kit\/forgotten\.ts\s*$/m,
  },
  {
    rule: 'unlisted import',
    path: `${order}/unlisted.ts`,
    text: "import express from 'express';\n\nexport const app = express();\n",
    says: /express\s+packages\/order\/src\/unlisted\.ts:1:\d+/,
  },
  {
    rule: 'imports: a service imports another by name',
    path: `${order}/nosy.ts`,
    text: "import { exchangeKey } from 'exchange/keys';\n\nexport const key = exchangeKey;\n",
    says: /nosy\.ts:1:\d+ lint\/style\/noRestrictedImports[\s\S]*?× order may import common and itself/,
  },
  {
    rule: 'imports: a service imports another by path',
    path: `${order}/scripts/nosier.ts`,
    text: "export type { ExchangeKey } from '../../../exchange/src/keys.ts';\n",
    says: /nosier\.ts:1:\d+ lint\/style\/noRestrictedImports/,
  },
  {
    rule: 'imports: a service imports the launcher',
    path: `${order}/launched.ts`,
    text: "export const port = () => import('launcher/ports/freePort');\n",
    says: /launched\.ts:1:\d+ lint\/style\/noRestrictedImports/,
  },
  {
    rule: 'imports: a service imports what tests use',
    path: `${order}/tested.ts`,
    text: "import { until } from '../../../tests/kit/until.ts';\n\nexport const wait = until;\n",
    says: /tested\.ts:1:\d+ lint\/style\/noRestrictedImports/,
  },
  {
    rule: 'imports: a test of a service imports another service',
    path: `${order}/nosy.test.ts`,
    text: "import { exchangeKey } from 'exchange/keys';\nimport { test } from 'vitest';\n\ntest('x', () => exchangeKey);\n",
    says: /nosy\.test\.ts:1:\d+ lint\/style\/noRestrictedImports/,
  },
  {
    rule: 'imports: events know zod only',
    path: `${common}/events/stored.ts`,
    text: "import { readFileSync } from 'node:fs';\n\nexport const read = readFileSync;\n",
    says: /events\/stored\.ts:1:\d+ lint\/style\/noRestrictedImports[\s\S]*?× common\/events may import its own files, zod;/,
  },
  {
    rule: 'imports: a room imports one above it',
    path: `${common}/transitions/acting.ts`,
    text: "import type { Actor } from 'common/actor/actor';\n\nexport type Acting = Actor;\n",
    says: /transitions\/acting\.ts:1:\d+ lint\/style\/noRestrictedImports/,
  },
  {
    rule: 'imports: by a path out of the room',
    path: `${common}/partition/dodging.ts`,
    text: "export type { Actor } from './../actor/actor.ts';\n",
    says: /partition\/dodging\.ts:1:\d+ lint\/style\/noRestrictedImports/,
  },
  {
    rule: 'imports: a room without a row',
    path: `${common}/attic/old.ts`,
    text: "export type { Actor } from 'common/actor/actor';\n",
    says: /attic\/old\.ts:1:\d+ lint\/style\/noRestrictedImports[\s\S]*?× This is no room of common that is known/,
  },
  {
    rule: 'tidy: a file too long',
    path: `${order}/endless.ts`,
    text: lines(251, '// on and on'),
    says: /^packages\/order\/src\/endless\.ts has 251 lines, 250 at most/m,
  },
  {
    rule: 'tidy: a name that says nothing',
    path: `${order}/utils.ts`,
    text: 'export const a = 1;\n',
    says: /^packages\/order\/src\/utils\.ts is named after nothing/m,
  },
  {
    rule: 'tidy: a promise in a comment',
    path: `${order}/later.ts`,
    text: '// TODO: all of it\n',
    says: /^packages\/order\/src\/later\.ts line 1: TODO is a promise/m,
  },
  {
    rule: 'tidy: a test by another name',
    path: `${order}/strange.spec.ts`,
    text: "import { test } from 'vitest';\n\ntest.todo('x');\n",
    says: /^packages\/order\/src\/strange\.spec\.ts is a test by another name/m,
  },
  {
    rule: 'tidy: a path of one machine',
    path: 'docs/start.md',
    text: '# Start\n\nGo to /home/ada/saga first.\n',
    says: /^docs\/start\.md line 3: \/home\/ada\/ is a path of one machine/m,
  },
  {
    rule: 'tidy: Lua without a header',
    path: `${order}/scripts/bare.lua`,
    text: 'local bare = 1\n',
    says: /^packages\/order\/src\/scripts\/bare\.lua begins with no comment/m,
  },
  {
    rule: 'Lua: a name that nothing defines',
    path: `${order}/scripts/slip.lua`,
    text: '#!lua flags=no-writes\n-- A slip.\nlocal value = 1\nreturn vaule\n',
    says: /^packages\/order\/src\/scripts\/slip\.lua:4 vaule is defined nowhere/m,
  },
  {
    rule: 'the import table is not the one in force',
    path: 'biome.imports.json',
    text: `${readFileSync(join(import.meta.dirname, '../biome.imports.json'), 'utf8')} \n`,
    says: /biome\.imports\.json is not what tools\/importRules\.ts says/,
  },
  {
    rule: 'docs: a page is not what the declarations say',
    path: 'docs/events.md',
    text: '# Events\n\nNone.\n',
    says: /^docs\/events\.md is not what the declarations say: run node tools\/docs\.ts$/m,
  },
];

/** What looks like a violation and is none: the check must not name these files. */
const ALLOWED: Readonly<Record<string, string>> = {
  [`${order}/patient.test.ts`]:
    "import { expect, test } from 'vitest';\nimport { until } from '../../../tests/kit/until.ts';\n\ntest('waits', () => expect(until).toBeDefined());\n",
  [`${common}/actor/timely.test.ts`]:
    "import { logKey } from 'common/events/keys';\nimport { expect, test } from 'vitest';\n\ntest('key', () => expect(logKey('0')).toBe('x'));\n",
};

const copy = scratchCopy(join(import.meta.dirname, '..'));
afterAll(() => copy.remove());
for (const { path, text } of PLANTS) copy.write(path, text);
for (const [path, text] of Object.entries(ALLOWED)) copy.write(path, text);
const checked = spawnSync(process.execPath, ['tools/check.ts'], { cwd: copy.root, encoding: 'utf8' });

const linesAbout = (path: string) =>
  checked.stdout
    .split('\n')
    .filter((line) => line.includes(path))
    .join('\n');

test.each(PLANTS)('$rule', ({ path, says }) => {
  expect(says.test(checked.stdout), `the check is to say ${says}, and says of it:\n${linesAbout(path)}`).toBe(true);
});

test.each(Object.keys(ALLOWED))('nothing is said about %s', (path) => {
  expect(linesAbout(`${path}:`) + linesAbout(`${path}(`)).toBe('');
});

test('the check fails, and its last line says which checks did', () => {
  expect(checked.status).toBe(1);
  expect(checked.stdout.trimEnd().split('\n').at(-1)).toMatch(/^check: 0 of \d+ good, failed: .*types/);
});

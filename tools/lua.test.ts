import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { luaProblems } from './lua.ts';

// Goal: what Redis would notice only when it gets to a line is noticed before. Method: small trees of Lua and TypeScript.

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lua-'));
  execFileSync('git', ['init', '--quiet'], { cwd: root });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function problemsOf(files: Readonly<Record<string, string>>): string[] {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return luaProblems(root);
}

const scripts = 'packages/order/src/scripts';
const script = (...lines: string[]) => ['#!lua flags=no-writes', '-- A script.', ...lines].join('\n');
const used = { [`${scripts}/close.ts`]: "export const file = 'close.lua';\n" };

test('a script whose every name is defined, in itself or in what it includes', () => {
  const found = problemsOf({
    ...used,
    [`${scripts}/close.lua`]: script('local id = ARGV[1]', '-- @include twice', 'return twice(tonumber(id))'),
    [`${scripts}/twice.lua`]: '-- Twice as much.\nlocal function twice(n)\n  return n * 2\nend',
  });
  expect(found).toEqual([]);
});

test('a syntax error, by file and line', () => {
  const found = problemsOf({ ...used, [`${scripts}/close.lua`]: script('local = 5') });
  expect(found).toEqual([expect.stringMatching(/close\.lua does not parse as Lua 5\.1: \[3:\d+\]/)]);
});

test.each([
  ['read', 'return redis.call("GET", kye)', 'kye'],
  ['assigned', 'total = 1', 'total'],
  ['a function', 'function total() end', 'total'],
  ['of a later Lua', 'return utf8.len("")', 'utf8'],
])('a global that is %s', (_, line, name) => {
  const found = problemsOf({ ...used, [`${scripts}/close.lua`]: script('local key = KEYS[1]', line) });
  expect(found).toEqual([`${scripts}/close.lua:4 ${name} is defined nowhere in ${scripts}/close.lua: make it local`]);
});

test('a part that needs a name which one of the scripts that include it lacks', () => {
  const found = problemsOf({
    ...used,
    [`${scripts}/close.lua`]: script('-- @include tail', 'return last()'),
    [`${scripts}/tail.lua`]: '-- The last entry.\nlocal function last()\n  return log\nend',
  });
  expect(found).toEqual([`${scripts}/tail.lua:3 log is defined nowhere in ${scripts}/close.lua: make it local`]);
});

test('transitions are read in the script that runs them, with the parts of their own service', () => {
  const found = problemsOf({
    ...used,
    [`${scripts}/close.lua`]: script(
      'local now = 1',
      'local transitions = {}',
      '-- @include transitions',
      'return transitions',
    ),
    [`${scripts}/settle.lua`]: '-- Settles.\n-- @include keys\nfunction transitions.Settled()\n  return key(nwo)\nend',
    [`${scripts}/keys.lua`]:
      '-- Keys.\nlocal function key(n)\n  return n .. RETENTION_MS .. RETENTION_DAYS\nend\n-- @include settings',
    [`${scripts}/settle.ts`]:
      "export const transitionFiles = { Settled: 'settle' };\nexport const settings = { RETENTION_MS: 1 };\n",
  });
  expect(found).toEqual([
    `${scripts}/keys.lua:3 RETENTION_DAYS is defined nowhere in ${scripts}/close.lua: make it local`,
    `${scripts}/settle.lua:4 nwo is defined nowhere in ${scripts}/close.lua: make it local`,
  ]);
});

test('a file that nothing includes or names', () => {
  const found = problemsOf({ [`${scripts}/close.lua`]: script('return 1') });
  expect(found).toEqual([`${scripts}/close.lua is used by nothing`]);
});

test('an include that is no file and not generated', () => {
  const found = problemsOf({ ...used, [`${scripts}/close.lua`]: script('-- @include nowhere', 'return 1') });
  expect(found).toEqual([expect.stringContaining('close.lua includes nowhere')]);
});

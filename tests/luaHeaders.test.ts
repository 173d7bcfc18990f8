import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Script } from 'common/script/script';
import { isEvent, outcomeOf, subscriptions, type TransitionTable } from 'common/transitions/table';
import { describe, expect, test } from 'vitest';
import { type LuaHeader, readLuaHeader } from './kit/luaHeader.ts';

/**
 * Goal: a Lua file's header can be believed. Method: every header is read and compared with the TypeScript that declares
 * the script, with the script's own first lines, and with the rows of the table that it says it implements.
 *
 * The convention. A script (`#!lua ...` first) says after its purpose, each label followed by its text, which may go on
 * in indented lines:
 *   KEYS      the names of defineScript's `keys`, in order; '-' for none
 *   ARGV      the names of its `args`, in order; a list after them is written `item...`
 *   More      what that list holds
 *   Replies   its `replies`: WORD: what follows it; WORD; WORD
 *   Each      where it answers for several things in one call: what the answer for one of them may be, in the same form
 *   Outcomes  where it runs a command of the table: the rows that it implements, one a line, as outcomeOf writes them
 *   Crash     what is left where Redis dies before or after it
 * and begins with `local a, b = unpack(KEYS)` and `local x, y = unpack(ARGV)`. Its `name` is the file's.
 * A transition file says what it Reads, and under Outcomes exactly the rows for the events whose `transitions.X` it defines.
 */
const ROOT = join(import.meta.dirname, '..');
const SERVICES = ['order', 'exchange', 'point', 'deadline'];

/** What takes something new in: at maxmemory these are refused, and settling, refunds and sweeps go on. */
const CREATING = ['createOrders', 'deposit', 'openAccount'];

const luaPaths = globSync('packages/*/src/**/*.lua', { cwd: ROOT }).sort();
const files = luaPaths.map((path) => readLuaHeader(path, readFileSync(join(ROOT, path), 'utf8')));
const scripts = files.filter(({ isScript }) => isScript);
const transitionFiles = files.filter(({ events }) => events.length > 0);

const declared = new Map<string, Script>();
for (const folder of new Set(scripts.map(({ path }) => dirname(path)))) {
  for (const path of globSync(`${folder}/*.ts`, { cwd: ROOT, exclude: ['**/*.test.ts'] })) {
    const module: Record<string, unknown> = await import(join(ROOT, path));
    for (const script of Object.values(module).map(made).filter(isScript)) declared.set(script.file, script);
  }
}

/** Two scripts are made for each actor: their names and words are those of every one. */
function made(exported: unknown): unknown {
  return typeof exported === 'function' && /^(drain|handle)Script$/.test(exported.name) ? exported({}, []) : exported;
}

function isScript(value: unknown): value is Script {
  return typeof value === 'object' && value !== null && 'file' in value && 'replies' in value && 'keys' in value;
}

describe.each(scripts)('$path', (header) => {
  const script = declared.get(join(ROOT, header.path));

  test('says what its TypeScript says', () => {
    expect(script, 'a defineScript beside it').toBeDefined();
    expect(header.labels.KEYS?.split(' ').filter((name) => name !== '-')).toEqual(script?.keys);
    expect(header.arguments).toEqual(script?.args);
    expect(header.replies).toEqual(script?.replies);
    expect(header.each).toEqual(script?.each);
    expect(script?.name).toBe(basename(header.path, '.lua'));
  });

  test('binds its keys and arguments to these names first', () => {
    expect(header.boundKeys).toEqual(script?.keys);
    expect(header.boundArguments).toEqual(script?.args);
  });

  test('answers these words and no others', () => {
    const shared = new Set(script?.replies);
    expect(header.answered.filter((word) => !shared.has(word))).toEqual([]);
  });

  test('is refused at maxmemory only where it takes something new in', () => {
    const creates = CREATING.includes(basename(header.path, '.lua'));
    expect(header.flags).toMatch(creates ? /^$/ : /^(allow-oom|no-writes)$/);
  });

  test('says what a crash leaves', () => expect(header.labels.Crash).toMatch(/\w/));
});

describe.each(SERVICES)('the rows of %s', async (service) => {
  const { table, transitionFiles: declaredFiles } = await actorOf(service);
  const own = files.filter(({ path }) => path.startsWith(`packages/${service}/`));

  test('each event has the file that actor.ts says', () => {
    const defined = own.flatMap(({ path, events }) => events.map((event) => [event, basename(path, '.lua')]));
    expect(Object.fromEntries(defined)).toEqual(declaredFiles);
    expect(defined.map(([event]) => event).sort()).toEqual([...subscriptions(table)].sort());
  });

  test.each(own.filter(({ events }) => events.length > 0))('$path lists its outcomes', ({ events, outcomes }) => {
    const rows = table.rows.filter(({ on }) => isEvent(on) && events.includes(on));
    expect([...outcomes].sort()).toEqual(rows.map(outcomeOf).sort());
  });

  test('each row of a command is the outcome of one script', () => {
    const commands = table.rows.filter(({ on }) => !isEvent(on)).map(outcomeOf);
    const listed = own.filter(({ isScript }) => isScript).flatMap(({ outcomes }) => outcomes);
    expect(listed.sort()).toEqual(commands.sort());
  });
});

test('of every script of common some test asserts that all its replies were reached', () => {
  const tests = globSync('packages/common/src/**/*.redis.test.ts', { cwd: ROOT })
    .map((path) => readFileSync(join(ROOT, path), 'utf8'))
    .flatMap((text) => /\.unseen\(\[([^\]]*)\]\)/.exec(text)?.[1]?.split(', ') ?? []);
  // Both are in every service's cells, and so are all scripts of a service (tests/cells/cellTests.ts).
  const known = [...tests, 'drain', 'handle'];
  const own = scripts
    .filter(({ path }) => path.startsWith('packages/common/'))
    .map(({ path }) => basename(path, '.lua'));
  expect(own.filter((name) => !known.includes(name))).toEqual([]);
});

test.each(transitionFiles)('$path says what it reads', ({ labels }: LuaHeader) => {
  expect(labels.Reads).toMatch(/\w/);
});

async function actorOf(
  service: string,
): Promise<{ table: TransitionTable; transitionFiles: Readonly<Record<string, string>> }> {
  const module = await import(`${service}/actor`);
  return module[`${service}Actor`];
}

import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { assemble } from 'common/script/assemble';
import luaparse, { type Chunk, type Identifier } from 'luaparse';
import { projectFiles } from './tidy.ts';

/**
 * What Redis and Lua 5.1 give a script. Any other name that is not local is a slip of the pen: Redis refuses it too, but
 * only when it gets there.
 */
const GIVEN = new Set(
  (
    'redis cjson cmsgpack bit KEYS ARGV string table math ipairs pairs next select unpack type tonumber tostring ' +
    'assert error pcall xpcall rawget rawset rawequal setmetatable getmetatable'
  ).split(' '),
);

/** Includes that are no file but made by TypeScript at run time: the names that each defines. */
const GENERATED: Readonly<Record<string, string>> = {
  declaredFields: 'local DECLARED_FIELDS = {}',
  settings: 'local RETENTION_MS = 0',
};

/** A script begins so; every other Lua file is a part that scripts include. */
const SCRIPT = /^#!lua\b/;
/** A part that decides on events; the runtime's own scripts run those of one service at a time. */
const TRANSITIONS = /^function transitions\./m;
const TAKES_TRANSITIONS = /^-- @include transitions$/m;

type LuaFile = { path: string; text: string };

/** What is wrong with the Lua of the project at `root`, one line a finding: each file alone, then each script as Redis gets it. */
export function luaProblems(root: string): string[] {
  const paths = projectFiles(root);
  const read = (path: string): LuaFile => ({ path, text: readFileSync(join(root, path), 'utf8') });
  const files = paths.filter((path) => path.endsWith('.lua')).map(read);
  const unparsed = files.flatMap(({ path, text }) => syntaxError(text).map((error) => `${path} ${error}`));
  if (unparsed.length > 0) return unparsed;

  const sources = paths.filter((path) => /^packages\/.*(?<!\.test)\.ts$/.test(path)).map(read);
  const unused = files.filter((file) => !isUsed(file, files, sources)).map(({ path }) => `${path} is used by nothing`);
  const scripts = files.filter(({ text }) => SCRIPT.test(text));
  return [...unused, ...new Set(scripts.flatMap((script) => scriptProblems(root, script, files)))];
}

function syntaxError(text: string): string[] {
  try {
    luaparse.parse(text, { luaVersion: '5.1' });
    return [];
  } catch (error) {
    return [`does not parse as Lua 5.1: ${error instanceof Error ? error.message : error}`];
  }
}

function isUsed({ path }: LuaFile, files: readonly LuaFile[], sources: readonly LuaFile[]): boolean {
  const name = basename(path, '.lua');
  const included = new RegExp(`^-- @include ${name}$`, 'm');
  const named = new RegExp(`\\b${name}(\\.lua)?['"\`]`);
  return files.some(({ text }) => included.test(text)) || sources.some(({ text }) => named.test(text));
}

/** Puts a script together, once for every service whose transitions it can take, and looks for names that nothing defines. */
function scriptProblems(root: string, script: LuaFile, files: readonly LuaFile[]): string[] {
  if (!TAKES_TRANSITIONS.test(script.text)) return assembledProblems(root, script, files, [], dirname(script.path));
  const parts = files.filter(({ text }) => TRANSITIONS.test(text));
  return [...new Set(parts.map(({ path }) => dirname(path)))].flatMap((folder) =>
    assembledProblems(
      root,
      script,
      files,
      parts.filter(({ path }) => dirname(path) === folder),
      folder,
    ),
  );
}

function assembledProblems(
  root: string,
  script: LuaFile,
  files: readonly LuaFile[],
  transitions: LuaFile[],
  folder: string,
) {
  const included = transitions.map(({ path }) => `-- @include ${basename(path, '.lua')}`).join('\n');
  let source: string;
  try {
    source = assemble(join(root, script.path), { ...GENERATED, transitions: included }, [join(root, folder)]);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  const chunk = luaparse.parse(source, { luaVersion: '5.1', scope: true, locations: true }) as Chunk & {
    globals: Identifier[];
  };
  const lines = source.split('\n');
  return chunk.globals
    .filter(({ name }) => !GIVEN.has(name))
    .map(
      ({ name, loc }) =>
        `${placeOf(lines[(loc?.start.line ?? 0) - 1] ?? '', files)} ${name} is defined nowhere in ${script.path}: make it local`,
    );
}

/** The file and line that a line of an assembled script comes from. */
function placeOf(line: string, files: readonly LuaFile[]): string {
  const file = files.find(({ text }) => text.split('\n').includes(line));
  return file === undefined ? 'generated Lua:' : `${file.path}:${file.text.split('\n').indexOf(line) + 1}`;
}

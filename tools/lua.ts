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

/** A script begins so; every other Lua file is a part that scripts include. */
const SCRIPT = /^#!lua\b/;
/** A part that decides on events; the runtime's own scripts run those of one service at a time. */
const TRANSITIONS = /^function transitions\./m;
/** Includes are by name: of a file, or of a part that TypeScript makes when it puts the script together. */
const INCLUDES = /^-- @include (\w+)$/gm;
/** What a made part defines: constants written so, or one thing of its own name. */
const CONSTANT = /^[A-Z][A-Z0-9_]*$/;

type TextFile = { path: string; text: string };
type Tree = { root: string; lua: readonly TextFile[]; typeScript: readonly TextFile[] };

/** What is wrong with the Lua of the project at `root`, one line a finding: each file alone, then each script as Redis gets it. */
export function luaProblems(root: string): string[] {
  const paths = projectFiles(root);
  const read = (path: string): TextFile => ({ path, text: readFileSync(join(root, path), 'utf8') });
  const lua = paths.filter((path) => path.endsWith('.lua')).map(read);
  const unparsed = lua.flatMap(({ path, text }) => syntaxError(text).map((error) => `${path} ${error}`));
  if (unparsed.length > 0) return unparsed;

  const tree = { root, lua, typeScript: paths.filter((path) => /^(packages|tests)\/.*\.ts$/.test(path)).map(read) };
  const unused = lua.filter((file) => !isUsed(tree, file)).map(({ path }) => `${path} is used by nothing`);
  const scripts = lua.filter(({ text }) => SCRIPT.test(text));
  return [...unused, ...new Set(scripts.flatMap((script) => scriptProblems(tree, script)))];
}

function syntaxError(text: string): string[] {
  try {
    luaparse.parse(text, { luaVersion: '5.1' });
    return [];
  } catch (error) {
    return [`does not parse as Lua 5.1: ${error instanceof Error ? error.message : error}`];
  }
}

/** A file of packages has to be named by what is no test. */
function isUsed({ lua, typeScript }: Tree, { path }: TextFile): boolean {
  const name = basename(path, '.lua');
  const named = new RegExp(`\\b${name}(\\.lua)?['"\`]`);
  const users = typeScript.filter((file) => !(path.startsWith('packages/') && file.path.endsWith('.test.ts')));
  return lua.some(({ text }) => includesOf(text).includes(name)) || users.some(({ text }) => named.test(text));
}

const includesOf = (text: string): string[] => [...text.matchAll(INCLUDES)].map(([, name = '']) => name);

/** Puts a script together, once for every service whose transitions it can take, and looks for names that nothing defines. */
function scriptProblems(tree: Tree, script: TextFile): string[] {
  if (!includesOf(script.text).includes('transitions'))
    return assembledProblems(tree, script, dirname(script.path), []);
  const parts = tree.lua.filter(({ text }) => TRANSITIONS.test(text));
  const byFolder = Map.groupBy(parts, ({ path }) => dirname(path));
  return [...byFolder].flatMap(([folder, transitions]) => assembledProblems(tree, script, folder, transitions));
}

function assembledProblems(tree: Tree, script: TextFile, folder: string, transitions: readonly TextFile[]): string[] {
  const made = madeParts(tree);
  const parts = {
    ...Object.fromEntries(made.map((name) => [name, ''])),
    transitions: transitions.map(({ path }) => `-- @include ${basename(path, '.lua')}`).join('\n'),
  };
  let source: string;
  try {
    source = assemble(join(tree.root, script.path), parts, [join(tree.root, folder)]);
  } catch (error) {
    return [String(error instanceof Error ? error.message : error).replaceAll(`${tree.root}/`, '')];
  }
  const isMade = (name: string) => made.includes(name) || (CONSTANT.test(name) && isNamed(tree, name));
  return globalsOf(source)
    .filter(({ name }) => !GIVEN.has(name) && !isMade(name))
    .map(({ name, line }) => `${placeOf(line, tree.lua)} ${name} is defined nowhere in ${script.path}: make it local`);
}

/** Includes that are no file, but a name in TypeScript. */
function madeParts(tree: Tree): string[] {
  const files = new Set(tree.lua.map(({ path }) => basename(path, '.lua')));
  const included = new Set(tree.lua.flatMap(({ text }) => includesOf(text)));
  return [...included].filter((name) => !files.has(name) && isNamed(tree, name));
}

const isNamed = ({ typeScript }: Tree, name: string): boolean =>
  typeScript.some(({ text }) => new RegExp(`\\b${name}\\b`).test(text));

/** Names that are not local, each with the line where it first stands. */
function globalsOf(source: string): { name: string; line: string }[] {
  const chunk = luaparse.parse(source, { luaVersion: '5.1', scope: true, locations: true });
  const { globals } = chunk as Chunk & { globals: Identifier[] };
  const lines = source.split('\n');
  return globals.map(({ name, loc }) => ({ name, line: lines[(loc?.start.line ?? 0) - 1] ?? '' }));
}

/** The file and line that a line of an assembled script comes from. */
function placeOf(line: string, files: readonly TextFile[]): string {
  const file = files.find(({ text }) => text.split('\n').includes(line));
  return file === undefined ? 'generated Lua:' : `${file.path}:${file.text.split('\n').indexOf(line) + 1}`;
}

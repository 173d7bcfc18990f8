import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** One thing that no linter knows: what it says names the place and what to do. */
type Rule = {
  /** Which files it is about, by path from the root. */
  about: (path: string) => boolean;
  /** What is wrong with the file and how to mend it, or nothing. */
  problem: (path: string, text: string) => string | undefined;
};

const LINES_MAX = 250;
const NAMELESS = ['utils', 'util', 'helpers', 'helper', 'misc', 'types', 'handlers', 'common', 'index'];

const isCode = (path: string) => /\.(ts|mjs|lua)$/.test(path);
const isSource = (path: string) => /^packages\/[^/]+\/src\//.test(path);
/** These name what they forbid. */
const isOwn = (path: string) => /^tools\/(tidy|check)(\.test)?\.ts$/.test(path);

const RULES: readonly Rule[] = [
  {
    about: isCode,
    problem: (_, text) => {
      const lines = text.trimEnd().split('\n').length;
      return lines > LINES_MAX ? `has ${lines} lines, ${LINES_MAX} at most: split it by what it is about` : undefined;
    },
  },
  {
    about: isCode,
    problem: (path) =>
      NAMELESS.includes(basename(path).split('.')[0] ?? '')
        ? 'is named after nothing: name it after the one thing that it holds, and import that (no barrels)'
        : undefined,
  },
  {
    about: (path) => isSource(path) && isCode(path),
    problem: (_, text) => at(text, /\b(TODO|FIXME|XXX)\b/, 'is a promise: do it now, or file an issue'),
  },
  {
    about: (path) => /\.(ts|mjs)$/.test(path) && /(^|[./])(spec|tests?)\.(ts|mjs)$/.test(path),
    problem: (path) =>
      /^[a-zA-Z]+(\.redis)?\.test\.ts$/.test(basename(path))
        ? undefined
        : 'is a test by another name: x.test.ts is pure, x.redis.test.ts needs a Redis',
  },
  {
    about: (path) => path.endsWith('.lua'),
    problem: (_, text) =>
      /^(#!lua[^\n]*\n)?-- \S/.test(text)
        ? undefined
        : 'begins with no comment: say what it is for, its keys and replies',
  },
  {
    about: (path) => !isOwn(path),
    problem: (_, text) =>
      at(text, /(?<![\w.])\/(work|root|home\/(?!node\b)\w+)\//, "is a path of one machine: use the project's root"),
  },
];

function at(text: string, what: RegExp, verdict: string): string | undefined {
  const found = what.exec(text);
  return found === null ? undefined : `line ${text.slice(0, found.index).split('\n').length}: ${found[0]} ${verdict}`;
}

/** Every file of the project that git knows, or would take in, by path from the root. */
export function projectFiles(root: string): string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  const deleted = execFileSync('git', ['ls-files', '-z', '--deleted'], { cwd: root, encoding: 'utf8' }).split('\0');
  return listed.split('\0').filter((path) => path !== '' && !deleted.includes(path));
}

/** What is untidy in the project at `root`: one line a finding. */
export function untidy(root: string): string[] {
  return projectFiles(root).flatMap((path) => {
    const rules = RULES.filter((rule) => rule.about(path));
    if (rules.length === 0) return [];
    const text = readFileSync(join(root, path), 'utf8');
    return rules.flatMap((rule) => rule.problem(path, text) ?? []).map((problem) => `${path} ${problem}`);
  });
}

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { staleDocs } from './docs.ts';
import { renderImportRules } from './importRules.ts';
import { luaProblems } from './lua.ts';
import { untidy } from './tidy.ts';

/** One check: a name to read, and what finds problems, as text to print; none where all is well. */
type Check = { name: string; run: (root: string) => Promise<string> | string };

const CHECKS: readonly Check[] = [
  { name: 'types', run: tool('tsc', '--pretty', 'false') },
  {
    // The import rules are among them: biome.imports.json.
    name: 'lint, format, imports',
    run: tool('biome', 'ci', '--colors=off', '--diagnostic-level=warn', '--error-on-warnings', '--max-diagnostics=100'),
  },
  // What Biome can not see without every package's types: a promise that nobody waits for, a switch that misses a case.
  { name: 'promises', run: tool('oxlint', '--type-aware', '--format=unix', '--deny-warnings') },
  { name: 'unused code', run: tool('knip', '--no-progress', '--no-config-hints') },
  { name: 'import table', run: importTable },
  { name: 'docs', run: (root) => staleDocs(root).join('\n') },
  { name: 'Lua', run: (root) => luaProblems(root).join('\n') },
  { name: 'tidiness', run: (root) => untidy(root).join('\n') },
];

/** A tool of node_modules, run at the root: silent where it ends well, else all that it said. */
function tool(command: string, ...options: string[]) {
  return (root: string) =>
    new Promise<string>((resolve) => {
      const bin = join(root, 'node_modules/.bin');
      const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, PATH: `${bin}:${process.env.PATH}` };
      const child = spawn(join(bin, command), options, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let said = '';
      const listen = (text: string) => {
        said += text;
      };
      child.stdout.setEncoding('utf8').on('data', listen);
      child.stderr.setEncoding('utf8').on('data', listen);
      child.on('error', (error) => resolve(`${command} did not start: ${error.message}`));
      child.on('close', (code, signal) =>
        resolve(code === 0 ? '' : said.trim() || `${command} ended with ${code ?? signal}`),
      );
    });
}

function importTable(root: string): string {
  const current = readFileSync(join(root, 'biome.imports.json'), 'utf8') === renderImportRules();
  return current ? '' : 'biome.imports.json is not what tools/importRules.ts says: run node tools/importRules.ts';
}

/** Runs every check side by side and prints each as it ends. */
async function checkAll(root: string): Promise<boolean> {
  const failed: string[] = [];
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  await Promise.all(
    CHECKS.map(async ({ name, run }) => {
      const problems = await run(root);
      if (problems !== '') failed.push(name);
      console.log(
        problems === '' ? `ok      ${name} (${seconds()})` : `FAILED  ${name} (${seconds()})\n\n${problems}\n`,
      );
    }),
  );
  const good = CHECKS.length - failed.length;
  console.log(
    `check: ${good} of ${CHECKS.length} good${failed.length > 0 ? `, failed: ${failed.join('; ')}` : ''}, ${seconds()}`,
  );
  return failed.length === 0;
}

if (!(await checkAll(join(import.meta.dirname, '..')))) process.exitCode = 1;

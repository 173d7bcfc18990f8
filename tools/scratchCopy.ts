import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectFiles } from './tidy.ts';

export type ScratchCopy = {
  root: string;
  /** Writes a file of the copy. */
  write: (path: string, text: string) => void;
  remove: () => void;
};

/** A copy of the checkout's files, with the installed packages linked in, for a test to spoil. */
export function scratchCopy(checkout: string): ScratchCopy {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'checkout-')));
  for (const path of projectFiles(checkout)) cpSync(join(checkout, path), join(root, path), { recursive: true });
  for (const folder of ['.', ...readdirSync(join(root, 'packages')).map((name) => join('packages', name))]) {
    linkModules(join(checkout, folder, 'node_modules'), join(root, folder, 'node_modules'), checkout, root);
  }
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  return { root, write, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** Links what is installed: packages of the workspace to those of the copy, all others to where they are. */
function linkModules(from: string, to: string, checkout: string, root: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from)) {
    if (entry.startsWith('@')) {
      linkModules(join(from, entry), join(to, entry), checkout, root);
      continue;
    }
    const target = realpathSync(join(from, entry));
    const own = target.startsWith(join(checkout, 'packages'));
    symlinkSync(own ? target.replace(checkout, root) : target, join(to, entry));
  }
}

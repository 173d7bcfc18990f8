import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MARK = 'chaos-run';

/**
 * Empties a folder for a run: one that is new, empty, or was filled by a run before.
 *
 * @throws Error where somebody else's files are in it
 */
export async function emptyFolder(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const names = await readdir(dir);
  if (names.length > 0 && !names.includes(MARK)) {
    throw new Error(`${dir} holds files that no run has made: empty it, or name another folder with --data`);
  }
  await Promise.all(names.map((name) => rm(join(dir, name), { recursive: true, force: true })));
  await writeFile(join(dir, MARK), '');
}

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { emptyFolder } from './emptyFolder.ts';

const home = await mkdtemp(join(tmpdir(), 'saga-folder-'));
afterAll(() => rm(home, { recursive: true, force: true }));

test('what a run has left is emptied by the next one', async () => {
  const dir = join(home, 'runs', 'one');
  await emptyFolder(dir);
  await writeFile(join(dir, 'history.jsonl'), 'old');
  await emptyFolder(dir);
  expect(await readdir(dir)).not.toContain('history.jsonl');
});

test("a folder with somebody's files is refused and left as it is", async () => {
  await writeFile(join(home, 'letter.txt'), 'dear');
  await expect(emptyFolder(home)).rejects.toThrow('holds files that no run has made');
  expect(await readdir(home)).toContain('letter.txt');
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startOf } from '../processes/startOf.ts';
import { giveUpOwnership, takeOwnership } from './ownership.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ownership-'));
  path = join(folder, 'owner');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const claimOf = (pid: number, start = startOf(pid) ?? '') => `${pid} ${start}\n`;

test('who asks first has it, may ask again, and gives it up', async () => {
  expect(await takeOwnership(path)).toBeUndefined();
  expect(await takeOwnership(path)).toBeUndefined();
  expect(await readFile(path, 'utf8')).toBe(claimOf(process.pid));
  await giveUpOwnership(path);
  expect(await readdir(folder)).toEqual([]);
});

test("another's it stays as long as that process runs", async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const pid = child.pid ?? 0;
  await writeFile(path, claimOf(pid));
  expect(await takeOwnership(path)).toBe(pid);
  await giveUpOwnership(path);
  expect(await readFile(path, 'utf8')).toBe(claimOf(pid));
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await takeOwnership(path)).toBeUndefined();
});

test.each([
  ['a process that has got the id of a killed owner since', claimOf(process.ppid, 'earlier')],
  ['half a file', `${process.ppid}`],
  ['an empty one', ''],
])('%s is no owner', async (_, text) => {
  await writeFile(path, text);
  expect(await takeOwnership(path)).toBeUndefined();
  expect(await readFile(path, 'utf8')).toBe(claimOf(process.pid));
});

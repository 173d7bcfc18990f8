import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changeRunFile, type RunFile, readRunFile, writeRunFile } from './runFile.ts';
import { RunFileKeeper, withOwnPart } from './runFileKeeper.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-file-'));
  path = join(folder, 'run.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const empty: RunFile = {
  launcher: 1,
  stopping: false,
  portOffset: 0,
  redis: { url: 'redis://127.0.0.1:1' },
  services: [],
};

function row(name: string, port: number, more: Partial<RunFile['services'][number]> = {}) {
  return { name, pid: 7, port, url: `http://127.0.0.1:${port}`, expected: true, launcher: process.pid, ...more };
}

test('what is written is read, and nothing else lies about', async () => {
  await writeRunFile(path, empty);
  expect(await readRunFile(path)).toEqual(empty);
  expect(await readdir(folder)).toEqual(['run.json']);
  await writeRunFile(path, undefined);
  expect(await readRunFile(path)).toBeUndefined();
});

test.each(['', '{', '[]', 'null', '{"launcher":"x"}', '{"launcher":1,"redis":null,"services":[]}'])(
  'a file that holds %j counts as none',
  async (text) => {
    await writeFile(path, text);
    expect(await readRunFile(path)).toBeUndefined();
  },
);

test('a reader never sees a half, and no change of many at once is lost', async () => {
  await writeRunFile(path, empty);
  let writing = true;
  const readers = (async () => {
    while (writing) JSON.parse(await readFile(path, 'utf8'));
  })();
  const add = (port: number) => changeRunFile(path, (run) => ({ ...run, services: [...run.services, row('s', port)] }));
  await Promise.all(Array.from({ length: 30 }, (_, port) => add(port)));
  writing = false;
  await readers;
  expect((await readRunFile(path))?.services).toHaveLength(30);
});

test('the lock of a launcher that was killed is broken', async () => {
  await writeRunFile(path, empty);
  await mkdir(`${path}.lock`);
  await utimes(`${path}.lock`, 1, 1);
  await changeRunFile(path, (run) => ({ ...run, portOffset: 5 }));
  expect((await readRunFile(path))?.portOffset).toBe(5);
});

test('a change of a file that is gone makes none', async () => {
  await changeRunFile(path, (run) => run);
  expect(await readdir(folder)).toEqual([]);
});

test('own services are kept in the order of their ports, those of others stay', () => {
  const other = row('gateway', 8088, { launcher: 1 });
  const run = withOwnPart(
    { ...empty, services: [other, row('order', 8081, { pid: 1 })] },
    {
      services: [row('point', 8083), row('order', 8081, { pid: 2 })],
    },
  );
  expect(run.services.map(({ name, pid }) => [name, pid])).toEqual([
    ['order', 2],
    ['point', 7],
    ['gateway', 7],
  ]);
});

test('a service that was stopped here and runs elsewhere is told of by that launcher', () => {
  const elsewhere = row('order', 8081, { launcher: process.ppid });
  const stopped = row('order', 8081, { pid: null, expected: false });
  const run = (launcher: number) => ({ ...empty, services: [{ ...elsewhere, launcher }] });
  expect(withOwnPart(run(process.ppid), { services: [stopped] }).services).toEqual([elsewhere]);
  // Nobody has this process id: that launcher is gone, and its row with it.
  expect(withOwnPart(run(2 ** 30), { services: [stopped] }).services).toEqual([stopped]);
});

test('the owner tells that it ends, and removes the file; one that joined takes out its services only', async () => {
  await writeRunFile(path, { ...empty, services: [row('gateway', 8088, { launcher: 1 })] });
  const guest = new RunFileKeeper(
    path,
    () => ({ services: [row('order', 8081)] }),
    () => {},
  );
  guest.update();
  await guest.written();
  expect((await readRunFile(path))?.services).toHaveLength(2);
  await guest.leave();
  expect((await readRunFile(path))?.services.map(({ name }) => name)).toEqual(['gateway']);

  const owner = new RunFileKeeper(
    path,
    () => ({ services: [], redis: { url: 'redis://127.0.0.1:2' } }),
    () => {},
  );
  owner.update();
  await owner.announceEnd();
  expect(await readRunFile(path)).toMatchObject({ stopping: true, redis: { url: 'redis://127.0.0.1:2' } });
  await owner.leave();
  owner.update();
  await owner.written();
  expect(await readdir(folder)).toEqual([]);
});

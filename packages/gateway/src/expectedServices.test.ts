import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectedServices } from './expectedServices.ts';

const configured = ['order', 'point'] as const;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'expected-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function expectedWith(content: string): Promise<readonly string[]> {
  const runFile = join(folder, 'run.json');
  await writeFile(runFile, content);
  return expectedServices({ runFile, expectedServices: configured });
}

test('without a run file the configured services are expected', async () => {
  expect(await expectedServices({ runFile: undefined, expectedServices: configured })).toEqual(configured);
  const missing = join(folder, 'missing.json');
  expect(await expectedServices({ runFile: missing, expectedServices: configured })).toEqual(configured);
});

test('a run file is followed live: what it lists now, but not the gateway itself', async () => {
  const services = [{ name: 'deadline', pid: 1 }, { name: 'gateway' }, { name: 'order' }, 'x', null];
  expect(await expectedWith(JSON.stringify({ services }))).toEqual(['order', 'deadline']);
  expect(await expectedWith('{"services":[]}')).toEqual([]);
});

test('a service that was stopped on purpose is not expected', async () => {
  const services = [
    { name: 'order', expected: true },
    { name: 'point', expected: false },
  ];
  expect(await expectedWith(JSON.stringify({ services }))).toEqual(['order']);
});

test('a run file that is half written, or something else, changes nothing', async () => {
  for (const content of ['', '{"services":[{"na', '[]', 'null', '{"services":{}}']) {
    expect(await expectedWith(content)).toEqual(configured);
  }
});

import { expect, test } from 'vitest';
import type { ServiceRow } from '../runFile.ts';
import { statusTable } from './statusTable.ts';

const nobody = 2 ** 30;
const row = (name: string, launcher: number, pid: number | null = 7): ServiceRow => {
  return { name, pid, port: 8081, url: 'http://127.0.0.1:8081', expected: pid !== null, launcher };
};

test('own services with their state, those of others with whose they are, also when that launcher is gone', () => {
  const services = [
    row('order', process.pid),
    row('exchange', process.ppid),
    row('point', nobody),
    row('deadline', process.ppid, null),
  ];
  const run = {
    launcher: process.pid,
    stopping: false,
    portOffset: 0,
    redis: { url: 'redis://127.0.0.1:1' },
    services,
  };
  const lines = statusTable(run, () => 'restarting').split('\n');
  expect(lines.map((line) => line.replace(/^.*8081 +/, '').trim()).slice(1)).toEqual([
    'restarting',
    `of launcher ${process.ppid}`,
    `ended with launcher ${nobody}`,
    'stopped',
  ]);
});

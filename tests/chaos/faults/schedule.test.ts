import { expect, test } from 'vitest';
import { FAULTS, schedule } from './schedule.ts';

const options = { seed: 7, faults: 60, seconds: 100, fsync: 'everysec' } as const;

test('the same seed gives the same faults at the same times, another one others', () => {
  expect(schedule(options)).toEqual(schedule(options));
  expect(schedule({ ...options, seed: 8 })).not.toEqual(schedule(options));
});

test('every kind comes once before any comes again', () => {
  const names = schedule(options).map(({ fault }) => fault.name);
  expect(new Set(names.slice(0, FAULTS.length)).size).toBe(FAULTS.length);
  expect(names).toHaveLength(60);
});

test('they are spread over the time, in order, and each lasts as long as its kind allows', () => {
  const planned = schedule(options);
  expect(planned.map(({ atMs }) => atMs)).toEqual(planned.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
  expect(planned.at(-1)?.atMs).toBeGreaterThan(98_000);
  for (const { fault, holdMs } of planned) {
    expect(holdMs).toBeGreaterThanOrEqual(fault.holdMs[0]);
    expect(holdMs).toBeLessThanOrEqual(fault.holdMs[1]);
  }
});

test('only those of one name, and a name that there is', () => {
  const names = schedule({ ...options, only: 'SIGSTOP' }).map(({ fault }) => fault.name);
  expect(new Set(names)).toEqual(new Set(['SIGSTOP of a service']));
  expect(() => schedule({ ...options, only: 'earthquake' })).toThrow("is called 'earthquake'");
});

test('a Redis that syncs always loses nothing, so nothing is taken from it', () => {
  const planned = schedule({ ...options, fsync: 'always' });
  expect(planned.filter(({ fault }) => fault.fsync === 'everysec')).toEqual([]);
  expect(() => schedule({ ...options, fsync: 'always', only: 'tail of' })).toThrow("syncs 'always'");
});

import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { rareWarning } from './rareWarning.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

test('warns at once, then once in ten seconds with the number of those between', () => {
  const lines: string[] = [];
  const warn = rareWarning(pino({ base: null }, { write: (line) => lines.push(line) }), 'away');
  for (let i = 0; i < 5; i += 1) warn(new Error('refused'));
  vi.advanceTimersByTime(9_999);
  warn(new Error('refused'));
  expect(lines).toHaveLength(1);
  vi.advanceTimersByTime(1);
  warn(new Error('closed'));
  const [first, second] = lines.map((line) => JSON.parse(line));
  expect([first.msg, first.skipped, first.err.message]).toEqual(['away', 0, 'refused']);
  expect([second.skipped, second.err.message]).toEqual([5, 'closed']);
});

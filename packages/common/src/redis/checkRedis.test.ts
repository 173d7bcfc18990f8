import { expect, test } from 'vitest';
import { unfitServer, warningsOf } from './checkRedis.ts';

const good = { redis_version: '7.0.15', role: 'master', maxmemory_policy: 'noeviction' };
const refusal = (fields: Record<string, string>) => unfitServer((name) => ({ ...good, ...fields })[name] ?? '');

test.each(['7.0.0', '7.0.15', '7.4.1', '8.6.2', '10.0.0'])('Redis %s will do', (version) => {
  expect(refusal({ redis_version: version })).toBeUndefined();
});

test.each(['6.2.14', '5.0.7', '', 'unknown'])('Redis %j is too old, and what to use is said', (version) => {
  expect(refusal({ redis_version: version })).toBe(
    `Redis ${version} is too old: its scripts have no flags; use Redis 7.0 or later, or Valkey`,
  );
});

test('Valkey counts by its own version, not by that of the Redis it stands in for', () => {
  expect(refusal({ redis_version: '7.2.4', valkey_version: '8.1.1' })).toBeUndefined();
});

test('a replica is told where to go before its policy is looked at', () => {
  expect(refusal({ role: 'slave', maxmemory_policy: 'allkeys-lru' })).toContain('replica');
});

test.each([
  [{}, []],
  [{ aof_enabled: '0' }, ['appendonly is off: what was answered is lost when Redis dies']],
  [{ hz: '10' }, ['hz is 10: deadlines may fire 100 ms late; CONFIG SET hz 100']],
  // Where INFO does not say it there is nothing to say.
  [{ hz: '' }, []],
])('of a server with %j an operator is told %j', (fields: Record<string, string>, warnings) => {
  const told = { ...good, aof_enabled: '1', hz: '100', ...fields };
  expect(warningsOf((name) => new Map(Object.entries(told)).get(name) ?? '')).toEqual(warnings);
});

import { expect, test } from 'vitest';
import { unfitServer } from './checkRedis.ts';

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

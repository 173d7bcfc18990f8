import { expect, test } from 'vitest';
import { readConfig } from './readConfig.ts';
import { StartRefusal } from './startRefusal.ts';

test('everything has a default, and each service its port', () => {
  const ports = (['order', 'exchange', 'point', 'deadline', 'gateway'] as const).map(
    (name) => readConfig(name, {}).port,
  );
  expect(ports).toEqual([8081, 8082, 8083, 8084, 8088]);
  expect(readConfig('order', {})).toEqual({
    name: 'order',
    host: '127.0.0.1',
    port: 8081,
    redisUrl: 'redis://127.0.0.1:6379',
    partitions: 1,
    deadlineMs: 10_000,
    retentionMs: 604_800_000,
    logLevel: 'info',
    upstreams: {
      order: 'http://127.0.0.1:8081',
      exchange: 'http://127.0.0.1:8082',
      point: 'http://127.0.0.1:8083',
      deadline: 'http://127.0.0.1:8084',
    },
    expectedServices: ['order', 'exchange', 'point', 'deadline'],
    runFile: undefined,
  });
});

test('variables are read, and an empty one is an unset one', () => {
  const env = {
    PORT: '0',
    HOST: '::1',
    PARTITIONS: '',
    ORDER_URL: 'http://order:8081/',
    EXPECTED_SERVICES: 'order, point',
  };
  const config = readConfig('gateway', { ...env, REDIS_URL: 'rediss://u:p@redis:6380/1', RUN_FILE: '.data/run.json' });
  expect(config).toMatchObject({
    port: 0,
    host: '::1',
    partitions: 1,
    upstreams: { order: 'http://order:8081' },
    expectedServices: ['order', 'point'],
    redisUrl: 'rediss://u:p@redis:6380/1',
    runFile: '.data/run.json',
  });
});

test.each([
  ['PORT', '65536'],
  ['PORT', '80a'],
  ['PORT', '-1'],
  ['HOST', 'two words'],
  ['PARTITIONS', '0'],
  ['PARTITIONS', '1.5'],
  ['DEADLINE_MS', '0'],
  ['RETENTION_MS', '999'],
  ['LOG_LEVEL', 'loud'],
  ['REDIS_URL', 'http://127.0.0.1'],
  ['REDIS_URL', 'nonsense'],
  ['POINT_URL', 'https://127.0.0.1'],
  ['EXPECTED_SERVICES', 'order,gateway'],
])('%s=%s is refused in one line that names it and what it got', (variable, value) => {
  const refusal = refusalOf({ [variable]: value });
  expect(refusal).toMatch(new RegExp(`^${variable} must be .+, but is ${JSON.stringify(value)}$`));
  expect(refusal).not.toContain('\n');
});

test('every bad variable is named at once, and no password', () => {
  const refusal = refusalOf({ PORT: 'x', REDIS_URL: 'http://user:secret@redis', PARTITIONS: 'y' });
  expect(refusal).toMatch(/PORT .*REDIS_URL .*PARTITIONS /);
  expect(refusal).toContain('http://***@redis');
  expect(refusal).not.toContain('secret');
});

function refusalOf(env: NodeJS.ProcessEnv): string {
  try {
    readConfig('order', env);
  } catch (error) {
    if (error instanceof StartRefusal) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

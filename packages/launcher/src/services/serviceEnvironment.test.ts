import { expect, test } from 'vitest';
import { serviceEnvironment } from './serviceEnvironment.ts';

const deployment = {
  portOffset: 100,
  redisUrl: 'redis://127.0.0.1:7000',
  runFile: '/d/run.json',
  expected: ['order', 'gateway'],
} as const;

test('what the launcher decides wins over what the shell has, and the rest reaches the service', () => {
  expect(serviceEnvironment('gateway', deployment, { PORT: '1', HOST: 'x', LOG_LEVEL: 'debug' })).toEqual({
    LOG_LEVEL: 'debug',
    HOST: '127.0.0.1',
    PORT: '8188',
    REDIS_URL: 'redis://127.0.0.1:7000',
    RUN_FILE: '/d/run.json',
    EXPECTED_SERVICES: 'order',
    ORDER_URL: 'http://127.0.0.1:8181',
    EXCHANGE_URL: 'http://127.0.0.1:8182',
    POINT_URL: 'http://127.0.0.1:8183',
    DEADLINE_URL: 'http://127.0.0.1:8184',
  });
});

test('a gateway alone expects what the run file says', () => {
  const alone = serviceEnvironment('gateway', { ...deployment, expected: ['gateway'] }, {});
  expect(alone).not.toHaveProperty('EXPECTED_SERVICES');
});

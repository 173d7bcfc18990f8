import { expect, test } from 'vitest';
import { aclRules, dryRuns } from './checkRights.ts';
import { commandsOf } from './commandForms.ts';

test('commands are found in calls, in plans, and where one of two is chosen; words of replies are none', () => {
  const lua = `
    redis.call('XINFO', 'GROUPS', log)
    redis.call(isFirst and 'RPUSH' or 'RPUSHX', key, item)
    local writes = { { 'HSET', key, 'status', 'PENDING' } }
    return { 'DONE' }`;
  expect([...commandsOf(lua)].sort()).toEqual(['HSET', 'RPUSH', 'RPUSHX', 'XINFO GROUPS']);
});

test('a call that has no form is an error, not a right that nobody asks for', () => {
  expect(() => commandsOf(`redis.call('GETDEL', key)`)).toThrow('GETDEL is not in commandForms.ts');
});

test('each command goes with each key that it is for; further partitions are asked about once a key', () => {
  const keys = [0, 1].map((tag) => [
    { key: `h:${tag}`, type: 'hash' } as const,
    { key: `b:${tag}`, forms: ['INCR $', 'LREM $ 0 v'] },
  ]);
  const runs = dryRuns({ sources: [`redis.call('HGET', key)`], commands: ['HSET', 'ZADD'], keys });
  const keyed = runs.map((run) => run.join(' ')).filter((run) => /[hb]:/.test(run));
  expect(keyed).toEqual(['HSET h:0 f v', 'HGET h:0 f', 'INCR b:0', 'LREM b:0 0 v', 'HSET h:1 f v', 'INCR b:1']);
});

test('rules hold no pattern that another one covers, and no space', () => {
  const keys = [
    [
      { key: 'o:*', type: 'hash' } as const,
      { key: 'o:status:A B', type: 'zset' } as const,
      { key: 'x y', type: 'hash' } as const,
    ],
  ];
  expect(aclRules({ sources: [], commands: [], keys }).filter((rule) => rule.startsWith('~'))).toEqual([
    '~o:*',
    '~x?y',
  ]);
});

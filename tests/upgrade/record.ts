/**
 * Writes down what this release keeps in Redis while orders are under way, for the tests of the releases after it:
 *
 *   node tests/upgrade/record.ts 0.1        # makes tests/upgrade/stored-0.1.json
 *
 * Made once, when a release is made, and never again: what it holds is what that release wrote.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { actorScripts } from 'common/actor/actorScripts';
import { readConfig } from 'common/config/readConfig';
import { GROUPS, type Group, logKey } from 'common/events/keys';
import { partitionsOf } from 'common/partition/partition';
import { checkPartitions } from 'common/redis/checkRedis';
import { ScriptRunner } from 'common/script/scriptRunner';
import { deadlineActor } from 'deadline/actor';
import { reachDeadlines } from 'deadline/scripts/reachDue';
import { exchangeActor } from 'exchange/actor';
import { ratesKey } from 'exchange/keys';
import type { Redis } from 'ioredis';
import { orderActor } from 'order/actor';
import { orderIntake } from 'order/orderIntake';
import { pointActor } from 'point/actor';
import { pointIntake } from 'point/pointIntake';
import { withOwnRedis } from '../exploration/ownRedis.ts';
import { readStored, type Stored } from './stored.ts';

const ACTORS = { order: orderActor, exchange: exchangeActor, point: pointActor, deadline: deadlineActor };
/** Long enough for the slowest machine that plays it: the slow order, too, is done in time. */
const DEADLINE_MS = 60_000;
const config = { ...readConfig('order', {}), deadlineMs: DEADLINE_MS };

/** Five orders of one user; the moments are those at which something is written that nobody has read yet. */
async function record(redis: Redis): Promise<Stored[]> {
  const scripts = new ScriptRunner();
  const base = { connections: { commands: redis } as never, partitions: partitionsOf(1), scripts };
  const orders = orderIntake(base, config, () => true);
  const moments: Stored[] = [];
  const begunAt = Date.now();
  const remember = async (moment: string) => void moments.push(await readStored(redis, moment, begunAt));
  const place = (key: string, currencyId: string, amount: number) =>
    orders({ holderId: 'jjy', currencyId, amount }, { key, given: true });
  const drain = async (group: Group) => {
    const { table, scriptsFolder, transitionFiles } = ACTORS[group];
    const { drain: script } = actorScripts(table, scriptsFolder, transitionFiles, { RETENTION_MS: config.retentionMs });
    const args = { tag: '0', group, consumer: 'recorder', countMax: 200, trail: 0 };
    await scripts.run(redis, script, { log: logKey('0') }, args);
  };

  await checkPartitions(redis, 1);
  for (const group of GROUPS) await redis.xgroup('CREATE', logKey('0'), group, '0', 'MKSTREAM');
  await pointIntake(base, config.retentionMs).open('jjy', 10_000, { key: 'account', given: true });
  await redis.hset(ratesKey('0'), 'suspended', '1000000:1');
  await place('approved', '1', 500);
  await place('poor', '1', 50_000);
  await place('unpriced', 'suspended', 1);
  await place('slow', '100', 500);
  await remember('placed');
  await drain('exchange');
  await remember('priced');
  await drain('point');
  await remember('paid for');
  await drain('order');
  await remember('settled');
  await place('late', '1', 300);
  for (const group of ['deadline', 'exchange', 'point'] as const) await drain(group);
  await sleep(DEADLINE_MS);
  await reachDeadlines(scripts, redis, '0');
  await drain('order');
  await remember('rejected for the deadline');
  await drain('exchange');
  await remember('to be given back');
  for (const group of ['point', 'order', 'deadline'] as const) await drain(group);
  await remember('over');
  return moments;
}

const [release] = process.argv.slice(2);
if (release === undefined) throw new Error('which release? node tests/upgrade/record.ts 0.1');
const moments = await withOwnRedis(record);
// A key a line, so that what a later recording has that this one has not can be read.
const lines = JSON.stringify(moments, null, 1)
  .replaceAll(/\n {4,}/g, ' ')
  .replaceAll(/\n {3}}/g, ' }');
writeFileSync(join(import.meta.dirname, `stored-${release}.json`), `${lines}\n`);

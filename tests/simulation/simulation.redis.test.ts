import { GROUPS } from 'common/events/keys';
import { isEvent } from 'common/transitions/table';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, test } from 'vitest';
import { startTestRedis } from '../kit/redis.ts';
import { FAULTS } from './faults.ts';
import { simulate } from './simulate.ts';
import { createStage } from './stage.ts';

// Goal: what the explorer shows of a few orders holds for thousands, with many users, rates, absences and repetitions; and
// the judge is not blind. Method: stories drawn from a seed, played by the shipped scripts in virtual time on a real Redis
// and judged after every step; the same with faults planted in the scripts, each of which must be found.
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

test('stories that nobody has chosen break nothing', async () => {
  const seed = Math.floor(Math.random() * 1e6);
  const simulated = await simulate(createStage(redis), { seed, orders: 2_000 });
  expect(simulated.finding, `seed ${seed}`).toBeUndefined();
  expect(simulated.orders).toBeGreaterThanOrEqual(2_000);
}, 120_000);

// A seed that is known to come to all of it: what stories come to must not depend on luck.
test('thousands of orders come to every state, every event and every reason to do nothing', async () => {
  const stage = createStage(redis);
  const simulated = await simulate(stage, { seed: 1, orders: 4_000 });
  expect(simulated.finding).toBeUndefined();
  const played = [...stage.played.keys()].map((outcome) => outcome.split(/: |\|/));
  for (const group of GROUPS) {
    const rows = stage.actors[group].table.rows.filter(({ on }) => isEvent(on));
    const seen = new Set(played.filter(([by]) => by === group).flatMap(([, , , to, left]) => [to, left]));
    const words = rows.flatMap(({ to, emits, notes, dead }) => [to, emits ?? notes ?? dead ?? '']);
    const wanted = words.filter((each) => each !== 'none');
    expect(
      wanted.filter((each) => !seen.has(each)),
      `what ${group} never came to`,
    ).toEqual([]);
  }
}, 120_000);

test('the same seed tells the same story', async () => {
  const tell = async () => {
    const stage = createStage(redis);
    const { orders, steps } = await simulate(stage, { seed: 3, orders: 1 });
    return { orders, steps, played: stage.played };
  };
  expect(await tell()).toEqual(await tell());
});

describe('planted faults are found, and a short story tells how', () => {
  test.each(FAULTS)(
    '$name',
    async (fault) => {
      const stage = createStage(redis, [fault]);
      const { finding } = await simulate(stage, { seed: fault.seed, orders: 3_000, shortenMs: 5_000 });
      expect(finding?.problem).toMatch(fault.breaks);
      expect(finding?.story.join('\n')).toContain('place, count');
      // Of thousands; how far five seconds shorten it depends on what else the machine does.
      expect(finding?.story.length).toBeLessThan(500);
    },
    120_000,
  );
});

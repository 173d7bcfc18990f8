import { afterAll, describe, expect, test } from 'vitest';
import { startTestRedis } from '../../kit/redis.ts';
import { connect } from '../ownRedis.ts';
import { retell } from '../story.ts';
import { Worlds } from '../world.ts';
import { MUTANTS } from './everyMutant.ts';
import { huntMutant, sceneOf } from './huntMutant.ts';
import { removedRows } from './removedRows.ts';

// Goal: the explorer has teeth. Method: each planted fault is hunted; it must be found, by the invariant that it breaks, and
// the shortest story must tell what went wrong.
const server = await startTestRedis();
const redis = connect(server.url);
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

describe('a planted fault is caught', () => {
  test.each(MUTANTS)('$name: $about', { timeout: 120_000 }, async (mutant) => {
    const { walked, chapters } = await huntMutant(redis, mutant);
    const { problems = [], path = [] } = walked.violation ?? {};
    expect(problems.join('; ')).toMatch(mutant.caught);
    expect(path).toHaveLength(mutant.steps);

    // The story is the same when it is walked once more, and its end is what was found.
    expect(chapters).toHaveLength(path.length + 1);
    expect(chapters.at(-1)?.problems.join('; ')).toMatch(mutant.caught);
    expect(chapters.slice(0, -1).flatMap((chapter) => chapter.problems)).toEqual([]);
    const labels = chapters.map(({ label }) => label);
    let at = 0;
    for (const step of mutant.story) {
      const found = labels.findIndex((label, i) => i >= at && step.test(label));
      expect(found, `${step} after step ${at} of: ${labels.join('; ')}`).toBeGreaterThanOrEqual(at);
      at = found + 1;
    }
  });
});

test('a path that leads nowhere is refused by its step', async () => {
  const [mutant] = MUTANTS;
  if (!mutant) throw new Error('there is no mutant');
  const scene = sceneOf(mutant);
  const worlds = new Worlds(redis, scene);
  await expect(retell(worlds, scene, [0, 999])).rejects.toThrow('step 2: no move 999');
});

test('every row of every table can be removed', () => {
  const rows = removedRows();
  expect(new Set(rows.map(({ row }) => row)).size).toBe(rows.length);
  for (const { faults } of rows) expect(() => new Worlds(redis, { orders: 1, partitions: 1 }, faults)).not.toThrow();
});

test('a fault that is not where it should be planted is refused', () => {
  const edits = [{ file: 'settle', shipped: 'no such text', planted: '' }];
  expect(() => new Worlds(redis, { orders: 1, partitions: 1 }, { edits })).toThrow('settle.lua says 0 times, not once');
});

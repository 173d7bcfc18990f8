import { afterAll, expect, test } from 'vitest';
import { startTestRedis } from '../kit/redis.ts';
import { connect } from './ownRedis.ts';
import { scenes } from './scenes.ts';
import { retell, storyLines } from './story.ts';
import { walk } from './walk.ts';
import { Worlds } from './world.ts';

/** Walks the bounded part of some scenes, a test each; a failure tells the shortest story. */
export async function boundedWalkTests(names: readonly string[]): Promise<void> {
  const server = await startTestRedis();
  const redis = connect(server.url);
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  const chosen = scenes('bounded').filter(({ name }) => names.includes(name));
  test.each(chosen)('$name: $about', { timeout: 240_000 }, async (scene) => {
    const worlds = new Worlds(redis, scene);
    const { violation, outcomes, states, transitions, seconds } = await walk(worlds, scene);
    const story = violation ? storyLines(await retell(worlds, scene, violation.path)) : [];
    expect([...(violation?.problems ?? []), ...story]).toEqual([]);
    expect([...outcomes].sort()).toEqual([...(scene.outcomes ?? [])].sort());
    console.log(`${scene.name.padEnd(10)} ${states} states, ${transitions} transitions, ${seconds.toFixed(1)} s`);
  });
}

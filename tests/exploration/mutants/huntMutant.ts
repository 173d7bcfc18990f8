import type { Redis } from 'ioredis';
import type { Scene } from '../scene.ts';
import { NO_BUDGET, scenes } from '../scenes.ts';
import { type Chapter, retell } from '../story.ts';
import { type Walked, walk } from '../walk.ts';
import { Worlds } from '../world.ts';
import type { Mutant } from './mutant.ts';

/** The scene of a mutant, with what its adversary may do. */
export function sceneOf({ scene: name, budget, byInvariants }: Mutant): Scene {
  const scene = scenes('bounded').find((each) => each.name === name);
  if (!scene) throw new RangeError(`no scene ${name}`);
  const outcomes = byInvariants ? undefined : scene.outcomes;
  return { ...scene, budget: { ...NO_BUDGET, ...budget }, outcomes };
}

/** Walks a mutant's scene until its fault shows, and tells the shortest story of it. */
export async function huntMutant(redis: Redis, mutant: Mutant): Promise<{ walked: Walked; chapters: Chapter[] }> {
  const scene = sceneOf(mutant);
  const worlds = new Worlds(redis, scene, mutant.faults);
  const walked = await walk(worlds, scene);
  const chapters = walked.violation ? await retell(worlds, scene, walked.violation.path) : [];
  return { walked, chapters };
}

import * as fc from 'fast-check';
import { type Command, told } from './command.ts';
import { type Played, play, Violation } from './play.ts';
import { problemOf, shorten } from './shorten.ts';
import type { Stage } from './stage.ts';
import { stories } from './stories.ts';

export type Finding = {
  /** The seed of the one story that broke an invariant. */
  seed: number;
  /** The shortest story that fast-check found, a line a step. */
  story: string[];
  problem: string;
};

export type Simulated = Played & { stories: number; seconds: number; finding: Finding | undefined };

export type SimulateOptions = {
  seed: number;
  orders: number;
  shortenMs?: number;
  /** Ends it after the story that is being told. */
  signal?: AbortSignal;
};

/**
 * Plays stories until they have placed `orders` orders, or one breaks an invariant, which is then made as short as it goes in `shortenMs`.
 * Story i comes of seed + i alone, so that one is told again without those before it.
 */
export async function simulate(
  stage: Stage,
  { seed, orders, shortenMs = SHORTEN_MS_MAX, signal }: SimulateOptions,
  onProgress: (simulated: Simulated) => void = () => {},
): Promise<Simulated> {
  const began = performance.now();
  const simulated: Simulated = { orders: 0, steps: 0, stories: 0, seconds: 0, finding: undefined };
  while (simulated.orders < orders && !simulated.finding && !signal?.aborted) {
    const storySeed = (seed + simulated.stories) | 0;
    const { played, finding } = await tell(stage, storySeed, shortenMs);
    simulated.orders += played.orders;
    simulated.steps += played.steps;
    simulated.stories += 1;
    simulated.finding = finding;
    simulated.seconds = (performance.now() - began) / 1_000;
    onProgress(simulated);
  }
  return simulated;
}

/** Making a story short is worth so long: what is found is told by its seed anyway. */
const SHORTEN_MS_MAX = 60_000;

async function tell(stage: Stage, seed: number, shortenMs: number): Promise<{ played: Played; finding?: Finding }> {
  const [story = []] = fc.sample(stories, { seed, numRuns: 1, unbiased: true });
  try {
    return { played: await play(stage, story) };
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    const again = (shorter: readonly Command[]) => play(stage, shorter);
    const shortest = await shorten(again, story, error.step, shortenMs);
    const finding = { seed, story: shortest.map(told), problem: await problemOf(again, shortest) };
    return { played: { orders: 0, steps: error.step }, finding };
  }
}

import type { Redis } from 'ioredis';
import { sceneOf } from './mutants/huntMutant.ts';
import type { Mutant } from './mutants/mutant.ts';
import type { Scene } from './scene.ts';
import type { Extent } from './scenes.ts';
import { retell, storyLines } from './story.ts';
import { type Walked, walk } from './walk.ts';
import { Worlds } from './world.ts';

const PROGRESS_MS = 2_000;
const say = (text: string) => process.stdout.write(`${text}\n`);
const count = (value: number) => value.toLocaleString('en');

/** Walks scenes one after the other and tells what was found; 1 where something is broken. */
export async function reportScenes(redis: Redis, scenes: readonly Scene[], extent: Extent): Promise<number> {
  const all: { scene: Scene; walked: Walked }[] = [];
  for (const scene of scenes) {
    const worlds = new Worlds(redis, scene);
    const walked = await walk(worlds, scene, { onProgress: progressOf(scene.name) });
    all.push({ scene, walked });
    if (!walked.violation) continue;
    const { problems, path } = walked.violation;
    say(`\n${scene.name}: ${problems.join('; ')}`);
    if (path.length > 0) {
      for (const line of storyLines(await retell(worlds, scene, path))) say(line);
      const bounded = extent === 'bounded' ? ' --bounded' : '';
      say(`\nOnce more, with all that there is after each step:`);
      say(`  npm run explore -- --scene ${scene.name}${bounded} --replay ${path.join(',')}`);
    }
  }
  say('');
  for (const line of tableLines(all)) say(line);
  return all.some(({ walked }) => walked.violation) ? 1 : 0;
}

function progressOf(name: string) {
  let toldAt = performance.now();
  return ({ states, transitions, depth, seconds }: Walked, waiting: number) => {
    if (performance.now() - toldAt < PROGRESS_MS) return;
    toldAt = performance.now();
    const walked = `${count(states)} states, ${count(transitions)} transitions, depth ${depth}`;
    say(`${name.padEnd(10)} ${walked}, ${count(waiting)} waiting, ${seconds.toFixed(0)} s`);
  };
}

function tableLines(all: readonly { scene: Scene; walked: Walked }[]): string[] {
  const sum = (of: (walked: Walked) => number) => all.reduce((total, { walked }) => total + of(walked), 0);
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(10) : cell.padStart(12))).join('');
  const row = ({ scene, walked }: (typeof all)[number]) => [
    scene.name,
    count(walked.states),
    count(walked.transitions),
    String(walked.depth),
    walked.seconds.toFixed(1),
    String(walked.outcomes.size),
    walked.violation ? 'BROKEN' : 'holds',
  ];
  const seconds = sum((walked) => walked.seconds);
  const totals = [
    count(sum(({ states }) => states)),
    count(sum(({ transitions }) => transitions)),
    '',
    seconds.toFixed(1),
  ];
  return [
    line(['scene', 'states', 'transitions', 'depth', 'seconds', 'outcomes', '']),
    ...all.map((each) => line(row(each))),
    line(['all', ...totals]),
  ];
}

/** Tells one path, with all that there is after each step; 1 where it breaks something. */
export async function replay(
  redis: Redis,
  { scene: named, mutant }: { scene: Scene | undefined; mutant: Mutant | undefined },
  path: readonly number[],
): Promise<number> {
  const scene = mutant ? sceneOf(mutant) : named;
  if (!scene) return 2;
  const worlds = new Worlds(redis, scene, mutant?.faults);
  const chapters = await retell(worlds, scene, path).catch((error: unknown) => {
    if (!(error instanceof RangeError)) throw error;
    say(`this path leads nowhere: ${error.message}`);
    return undefined;
  });
  if (!chapters) return 2;
  for (const line of storyLines(chapters, true)) say(line);
  return chapters.some(({ problems }) => problems.length > 0) ? 1 : 0;
}

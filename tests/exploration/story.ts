import { changesBetween, stateLines } from './changes.ts';
import type { Move } from './move.ts';
import { movesFrom } from './moves.ts';
import type { Scene } from './scene.ts';
import { atRest, changeBy, firstState, type State, take } from './walk.ts';
import type { Worlds } from './world.ts';

export type Chapter = {
  /** What happened. */
  label: string;
  /** What it changed in the records. */
  changes: string[];
  /** What there is after it. */
  state: string[];
  /** What is broken by it. */
  problems: string[];
};

/**
 * Walks a path once more and tells what it does, step by step.
 *
 * @param path of each step the number of its move among those of its state
 * @throws RangeError where a state has no such move
 */
export async function retell(worlds: Worlds, scene: Scene, path: readonly number[]): Promise<Chapter[]> {
  let state = await firstState(worlds, scene);
  const chapters: Chapter[] = [
    { label: scene.about, changes: [], state: state.seen.flatMap(stateLines), problems: [] },
  ];
  for (const [i, index] of path.entries()) {
    const moves = movesFrom(state.seen, state.budget, worlds.faults);
    const move = moves[index];
    if (!move) throw new RangeError(`step ${i + 1}: no move ${index}, there are ${moves.length}`);
    const before = state.seen;
    const step = move.harmless
      ? await stepInPlace(worlds, scene, state, move, index)
      : await take(worlds, scene, state, move, index, state.tag);
    state = step;
    const changes = before.flatMap((seen, part) => changesBetween(seen, step.seen[part] ?? seen));
    chapters.push({ label: move.label, changes, state: step.seen.flatMap(stateLines), problems: step.problems });
  }
  chapters.at(-1)?.problems.push(...(await restProblems(worlds, scene, state)));
  await worlds.forget([state.tag]);
  return chapters;
}

async function stepInPlace(worlds: Worlds, scene: Scene, state: State, move: Move, index: number) {
  const problem = await changeBy(worlds, scene, state, [{ move, index }], state.tag);
  return { ...state, seen: await worlds.see(state.tag), problems: problem === undefined ? [] : [problem] };
}

async function restProblems(worlds: Worlds, scene: Scene, state: State): Promise<string[]> {
  const rest = await atRest(worlds, scene, state);
  return rest?.problems.map((problem) => `at rest, ${problem}`) ?? [];
}

/** @param withStates whether everything that there is is told after each step, too */
export function storyLines(chapters: readonly Chapter[], withStates = false): string[] {
  return chapters.flatMap(({ label, changes, state, problems }, i) => [
    `${String(i).padStart(3)}  ${label}`,
    ...changes.map((change) => `       ${change}`),
    ...(withStates ? state.map((line) => `       | ${line}`) : []),
    ...problems.map((problem) => `     BROKEN: ${problem}`),
  ]);
}

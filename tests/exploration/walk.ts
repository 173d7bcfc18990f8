import { stateKey } from './canonical.ts';
import { type Counters, judgeRest, judgeState, judgeStep, outcomeOf } from './judge.ts';
import { type Budget, type Move, movesFrom } from './moves.ts';
import type { Seen, Worlds } from './world.ts';

export type Scene = {
  name: string;
  /** What it is about, in a line. */
  about: string;
  /** In each partition. */
  orders: number;
  partitions: number;
  budget: Budget;
  /** Points that the account is opened with. */
  deposited: number;
  /** Sets the first world up. */
  place(worlds: Worlds, tag: string): Promise<void>;
  /** Exactly the outcomes that may be left when everything is drained; one more or one less is a violation. */
  outcomes: readonly string[];
};

export type Violation = { problems: string[]; path: number[]; story: string[] };

export type Walked = {
  states: number;
  transitions: number;
  depth: number;
  seconds: number;
  outcomes: Set<string>;
  violation: Violation | undefined;
};

type State = {
  index: number;
  tag: string;
  seen: readonly Seen[];
  budget: Budget;
  counters: readonly Counters[];
  depth: number;
  key: string;
  /** The latest reading that the clock has given on the way here. */
  latest: number;
};

/** How a state was first reached: from which, by which of its moves. */
type Origin = { from: number; move: number; label: string };

export type WalkOptions = {
  /** Ends the walk early; what was found until then counts. */
  statesMax?: number;
  onProgress?: (walked: Walked, waiting: number) => void;
};

/** States whose moves are under way together: enough to keep Redis busy, few enough to keep memory small. */
const TOGETHER = 12;

/**
 * Walks every state that a scene can reach, nearest first, so that the first violation has a shortest path. Each move is run
 * in a copy of its world by the shipped scripts. The method is the explicit-state search of model checkers such as TLC,
 * with the real thing in the place of the model.
 */
export async function walk(worlds: Worlds, scene: Scene, options: WalkOptions = {}): Promise<Walked> {
  const began = performance.now();
  const known = new Map<string, number>();
  const origins: Origin[] = [];
  const walked: Walked = { states: 0, transitions: 0, depth: 0, seconds: 0, outcomes: new Set(), violation: undefined };

  const tag = worlds.newTag();
  await scene.place(worlds, tag);
  const seen = await worlds.see(tag);
  const counters = seen.map(() => Array.from({ length: 2 * scene.orders }, () => 0));
  const latest = Math.max(...seen.map(({ now }) => now));
  const key = stateKey(seen, scene.budget, [counters, latest]);
  let frontier: State[] = [{ index: 0, tag, seen, budget: scene.budget, counters, depth: 0, key, latest }];
  known.set(key, 0);
  origins.push({ from: -1, move: -1, label: scene.about });

  const fail = (state: State, problems: string[], step?: { move: number; label: string }) => {
    if (walked.violation) return;
    const steps = [...pathTo(origins, state.index), ...(step ? [step] : [])];
    walked.violation = { problems, path: steps.map(({ move }) => move), story: steps.map(({ label }) => label) };
  };

  while (frontier.length > 0 && !walked.violation && walked.states < (options.statesMax ?? Number.POSITIVE_INFINITY)) {
    const states = frontier.slice(0, TOGETHER);
    frontier = frontier.slice(TOGETHER);
    const expanded = await Promise.all(states.map((state) => expand(worlds, scene, state)));
    const done: string[] = [];
    for (const { state, steps, harmless } of expanded) {
      walked.states += 1;
      walked.transitions += steps.length + harmless.count;
      walked.depth = Math.max(walked.depth, state.depth);
      done.push(state.tag, ...harmless.tags);
      if (harmless.problem) fail(state, [harmless.problem.text], harmless.problem);
      for (const step of steps) {
        if (step.problems.length > 0) fail(state, step.problems, step);
        const isNew = !known.has(step.key);
        if (!isNew) {
          done.push(step.tag);
          continue;
        }
        const index = origins.length;
        known.set(step.key, index);
        origins.push({ from: state.index, move: step.move, label: step.label });
        frontier.push({ ...step, index, depth: state.depth + 1 });
      }
      const rests = steps.every(({ fair, key: after }) => !fair || after === state.key);
      if (rests) {
        const problems = state.seen.flatMap((part) => judgeRest(part, state.latest));
        if (problems.length > 0) fail(state, problems);
        if (state.seen.every(isDrained)) walked.outcomes.add(state.seen.map(outcomeOf).join(' | '));
      }
    }
    await worlds.forget(done);
    walked.seconds = (performance.now() - began) / 1000;
    options.onProgress?.(walked, frontier.length);
  }
  return walked;
}

const isDrained = (seen: Seen) =>
  seen.dead.length === 0 && seen.orders.every(({ order }) => order.status !== 'PENDING' && order.status !== undefined);

type Step = Omit<State, 'index' | 'depth'> & { move: number; label: string; fair: boolean; problems: string[] };

async function expand(worlds: Worlds, scene: Scene, state: State) {
  const moves = movesFrom(state.seen, state.budget).map((move, index) => ({ move, index }));
  const steps = await Promise.all(
    moves.filter(({ move }) => !move.harmless).map(({ move, index }) => take(worlds, scene, state, move, index)),
  );
  const harmless = await takeHarmless(
    worlds,
    state,
    moves.filter(({ move }) => move.harmless),
  );
  return { state, steps, harmless };
}

/** One move, in a copy of the world, judged. */
export async function take(worlds: Worlds, scene: Scene, state: State, move: Move, index: number): Promise<Step> {
  const tag = await worlds.clone(state.tag);
  const problem = await move.run(worlds, tag).catch((error: unknown) => `${move.label}: ${String(error)}`);
  const seen = await worlds.see(tag);
  const latest = Math.max(state.latest, ...seen.map(({ now }) => now));
  const { broken, counters } = judgeStep(state.seen, seen, state.counters, latest);
  const problems = [
    ...(problem ? [problem] : []),
    ...broken,
    ...seen.flatMap((part) => judgeState(part, scene.deposited)),
  ];
  const { budget, label, fair } = move;
  const key = stateKey(seen, budget, [counters, latest]);
  return { tag, seen, budget, counters, latest, key, move: index, label, fair, problems };
}

/** Moves that must change nothing share one copy: the first that does is found by its reply or by the state after all. */
async function takeHarmless(worlds: Worlds, state: State, moves: readonly { move: Move; index: number }[]) {
  if (moves.length === 0) return { count: 0, tags: [], problem: undefined };
  const tag = await worlds.clone(state.tag);
  const texts = await Promise.all(
    moves.map(({ move }) => move.run(worlds, tag).catch((error: unknown) => String(error))),
  );
  const problems = moves.flatMap(({ move, index }, i) => {
    const text = texts[i];
    return text ? [{ text, move: index, label: move.label }] : [];
  });
  const after = stateKey(await worlds.see(tag), state.budget, [state.counters, state.latest]);
  const last = moves.at(-1);
  if (after !== state.key && last) {
    problems.push({
      text: 'a move that must change nothing changed the state',
      move: last.index,
      label: last.move.label,
    });
  }
  return { count: moves.length, tags: [tag], problem: problems[0] };
}

function pathTo(origins: readonly Origin[], index: number): Origin[] {
  const path: Origin[] = [];
  for (let at = index; at > 0; ) {
    const origin = origins[at];
    if (!origin) break;
    path.unshift(origin);
    at = origin.from;
  }
  return path;
}

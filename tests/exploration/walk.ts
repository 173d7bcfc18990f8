import { covers, stateKey } from './canonical.ts';
import { type History, hasPassedDeadline, judgeRest, judgeState, judgeStep, UNSETTLED } from './judge.ts';
import type { Budget, Move } from './move.ts';
import { movesFrom } from './moves.ts';
import type { Scene } from './scene.ts';
import type { Seen } from './seen.ts';
import type { Worlds } from './world.ts';

/** @property path the moves to the violation, each by its number among those of its state */
export type Violation = { problems: string[]; path: number[] };

export type Walked = {
  states: number;
  transitions: number;
  depth: number;
  seconds: number;
  /** What was left where everything was drained, as often as it was found. */
  outcomes: Set<string>;
  violation: Violation | undefined;
};

/** A state that was reached, with all that decides on what can happen next. */
export type State = {
  tag: string;
  seen: Seen[];
  budget: Budget;
  histories: readonly (readonly History[])[];
  /** Whether any clock reading on the way here has reached the deadline. */
  late: boolean;
  key: string;
};

/** @property index its place among the origins */
type Reached = State & { index: number; depth: number };

/** How a state was first reached: from which, by which of its moves. */
type Origin = { from: number; move: number };

export type WalkOptions = {
  /** Ends the walk early; what was found until then counts. */
  statesMax?: number;
  onProgress?: (walked: Walked, waiting: number) => void;
};

/** States whose moves are under way together: enough to keep Redis busy, few enough to keep memory small. */
const TOGETHER = 16;

/**
 * Walks every state that a scene can reach, nearest first, so that the first violation has a shortest path. Each move is run
 * in a copy of its world by the shipped scripts. The method is the explicit-state search of model checkers such as TLC,
 * with the real thing in the place of the model.
 */
export async function walk(worlds: Worlds, scene: Scene, options: WalkOptions = {}): Promise<Walked> {
  const began = performance.now();
  const walked: Walked = { states: 0, transitions: 0, depth: 0, seconds: 0, outcomes: new Set(), violation: undefined };
  const search = new Search(await firstState(worlds, scene));
  const statesMax = options.statesMax ?? Number.POSITIVE_INFINITY;
  for (;;) {
    const states = search.next(TOGETHER);
    if (states.length === 0 || walked.violation || walked.states >= statesMax) break;
    const expanded = await Promise.all(states.map((state) => expand(worlds, scene, state)));
    const done: string[] = [];
    for (const each of expanded) {
      const { state, spare, steps, harmless } = each;
      walked.states += 1;
      walked.transitions += steps.length + harmless.count;
      walked.depth = Math.max(walked.depth, state.depth);
      walked.violation ??= violationIn(search, scene, each, walked.outcomes);
      done.push(state.tag, spare, ...steps.filter((step) => !search.add(state, step)).map(({ tag }) => tag));
    }
    await worlds.forget(done);
    walked.seconds = (performance.now() - began) / 1000;
    options.onProgress?.(walked, search.waiting);
  }
  if (!walked.violation && search.waiting === 0) walked.violation = missing(scene, walked.outcomes);
  await worlds.forget(search.next(search.waiting).map(({ tag }) => tag));
  return walked;
}

/** What is known already and what waits to be walked on from. */
class Search {
  readonly #known = new Map<string, Budget[]>();
  readonly #origins: Origin[] = [];
  #frontier: Reached[];

  constructor(first: State) {
    this.#known.set(first.key, [first.budget]);
    this.#origins.push({ from: -1, move: -1 });
    this.#frontier = [{ ...first, index: 0, depth: 0 }];
  }

  get waiting(): number {
    return this.#frontier.length;
  }

  next(count: number): Reached[] {
    return this.#frontier.splice(0, count);
  }

  /** False where everything that could happen from there is known: the same with as much left to the adversary. */
  add(from: Reached, step: Step): boolean {
    const budgets = this.#known.get(step.key) ?? [];
    if (budgets.some((budget) => covers(budget, step.budget))) return false;
    this.#known.set(step.key, [...budgets.filter((budget) => !covers(step.budget, budget)), step.budget]);
    const index = this.#origins.length;
    this.#origins.push({ from: from.index, move: step.move });
    this.#frontier.push({ ...step, index, depth: from.depth + 1 });
    return true;
  }

  pathTo(state: Reached): number[] {
    const path: number[] = [];
    for (let at = state.index; at > 0; ) {
      const origin = this.#origins[at];
      if (!origin) break;
      path.unshift(origin.move);
      at = origin.from;
    }
    return path;
  }
}

export async function firstState(worlds: Worlds, scene: Scene): Promise<State> {
  const tag = worlds.newTag();
  await scene.place(worlds, tag);
  const seen = await worlds.see(tag);
  const histories = seen.map(({ orders }) => orders.map(() => UNSETTLED));
  const late = hasPassedDeadline(seen);
  return { tag, seen, budget: scene.budget, histories, late, key: stateKey(seen, scene.budget, [histories, late]) };
}

type Expanded = Awaited<ReturnType<typeof expand<Reached>>>;

async function expand<S extends State>(worlds: Worlds, scene: Scene, state: S) {
  const moves = movesFrom(state.seen, state.budget, worlds.faults).map((move, index) => ({ move, index }));
  const changing = moves.filter(({ move }) => !move.harmless);
  const [spare = '', ...tags] = await worlds.copies(state.tag, changing.length + 1);
  const steps = changing.map(({ move, index }, i) => take(worlds, scene, state, move, index, tags[i] ?? ''));
  const rest = moves.filter(({ move }) => move.harmless);
  const harmless = takeHarmless(worlds, scene, state, rest, spare);
  return { state, spare, steps: await Promise.all(steps), harmless: await harmless };
}

export type Step = State & { move: number; fair: boolean; problems: string[] };

/** One move, in a copy of the world, judged. */
export async function take(worlds: Worlds, scene: Scene, state: State, move: Move, index: number, tag: string) {
  const problem = await move.run(worlds, tag).catch((error: unknown) => `${move.label}: ${String(error)}`);
  const seen = await worlds.see(tag);
  const late = state.late || hasPassedDeadline(seen);
  const { broken, histories } = judgeStep(state.seen, seen, state.histories, late);
  const inState = seen.flatMap((part) => judgeState(part, scene.deposited));
  const { budget, fair } = move;
  const key = stateKey(seen, budget, [histories, late]);
  const problems = [...(problem ? [problem] : []), ...broken, ...inState];
  const step: Step = { tag, seen, budget, histories, late, key, move: index, fair, problems };
  return step;
}

type Harmless = { move: Move; index: number };

/** Moves that must change nothing are run in one copy together; where something has changed, each is tried alone. */
async function takeHarmless(worlds: Worlds, scene: Scene, state: State, moves: readonly Harmless[], spare: string) {
  let problem = moves.length > 0 ? await changeBy(worlds, scene, state, moves, spare) : undefined;
  let culprit = moves[0];
  for (const each of problem && moves.length > 1 ? moves : []) {
    const [tag = ''] = await worlds.copies(state.tag, 1);
    const alone = await changeBy(worlds, scene, state, [each], tag);
    await worlds.forget([tag]);
    if (!alone) continue;
    [problem, culprit] = [alone, each];
    break;
  }
  return { count: moves.length, problem: problem && { text: problem, move: culprit?.index ?? 0 } };
}

/** What is wrong with moves that must change nothing. */
export async function changeBy(worlds: Worlds, scene: Scene, state: State, moves: readonly Harmless[], tag: string) {
  const texts = await Promise.all(
    moves.map(({ move }) => move.run(worlds, tag).catch((error: unknown) => String(error))),
  );
  const text = texts.find((each) => each !== undefined);
  if (text !== undefined) return text;
  const seen = await worlds.see(tag);
  const broken = seen.flatMap((part) => judgeState(part, scene.deposited));
  if (stateKey(seen, state.budget, [state.histories, state.late]) === state.key) return broken[0];
  return ['a move that must change nothing changed the state', ...broken].join('; ');
}

/** What is wrong with a state's moves or, where the system does nothing more by itself, with the state. */
function violationIn(search: Search, scene: Scene, { state, steps, harmless }: Expanded, outcomes: Set<string>) {
  const path = search.pathTo(state);
  if (harmless.problem) return { problems: [harmless.problem.text], path: [...path, harmless.problem.move] };
  const bad = steps.find(({ problems }) => problems.length > 0);
  if (bad) return { problems: bad.problems, path: [...path, bad.move] };
  if (!rests(state, steps)) return undefined;
  const { problems, outcome } = judgeRest(state.seen, state.histories, state.late, scene.outcomes);
  if (outcome !== undefined) outcomes.add(outcome);
  return problems.length > 0 ? { problems, path } : undefined;
}

/** Whether the system, left alone, does nothing more. */
const rests = (state: State, steps: readonly Step[]) => steps.every(({ fair, key }) => !fair || key === state.key);

/** What is to be said of a state where nothing more happens by itself; undefined where something does. */
export async function atRest(worlds: Worlds, scene: Scene, state: State) {
  const { spare, steps } = await expand(worlds, scene, state);
  await worlds.forget([spare, ...steps.map(({ tag }) => tag)]);
  return rests(state, steps) ? judgeRest(state.seen, state.histories, state.late, scene.outcomes) : undefined;
}

/** The outcomes of a scene are all that there are, and all of them must be possible. */
function missing(scene: Scene, outcomes: ReadonlySet<string>): Violation | undefined {
  const never = (scene.outcomes ?? []).filter((outcome) => !outcomes.has(outcome));
  return never.length > 0 ? { problems: never.map((outcome) => `no story ends ${outcome}`), path: [] } : undefined;
}

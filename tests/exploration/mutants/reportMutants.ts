import type { Redis } from 'ioredis';
import { NO_BUDGET, scenes } from '../scenes.ts';
import { storyLines } from '../story.ts';
import { walk } from '../walk.ts';
import { Worlds } from '../world.ts';
import { huntMutant } from './huntMutant.ts';
import type { Mutant } from './mutant.ts';
import { type RemovedRow, removedRows } from './removedRows.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Hunts faults and tells each one's shortest story; with the rows of the tables, too. 1 where a fault is not found. */
export async function reportMutants(redis: Redis, mutants: readonly Mutant[], withRows: boolean): Promise<number> {
  let missed = 0;
  for (const mutant of mutants) {
    const { walked, chapters } = await huntMutant(redis, mutant);
    const found = walked.violation?.problems.some((problem) => mutant.caught.test(problem)) ?? false;
    if (!found) missed += 1;
    say(`\n${mutant.name}: ${mutant.about}: ${found ? 'caught' : 'NOT CAUGHT'} after ${walked.states} states`);
    for (const line of storyLines(chapters)) say(line);
    if (walked.violation)
      say(`  npm run explore -- --mutant ${mutant.name} --replay ${walked.violation.path.join(',')}`);
  }
  say(`\n${mutants.length - missed} of ${mutants.length} planted faults are caught`);
  if (withRows) await reportRows(redis);
  return missed > 0 ? 1 : 0;
}

/** Which of the explorer's eyes sees that a row is gone; what neither sees only the tests of every cell do. */
async function reportRows(redis: Redis): Promise<void> {
  const rows = removedRows();
  let byInvariants = 0;
  let byOutcomes = 0;
  for (const removed of rows) {
    const seen = await firstProblem(redis, removed, true);
    const invariant = seen && isOutcome(seen) ? await firstProblem(redis, removed, false) : seen;
    if (invariant !== undefined) byInvariants += 1;
    else if (seen !== undefined) byOutcomes += 1;
    say(`${removed.row}: ${invariant ?? seen ?? 'noticed by the tests of every cell only'}`);
  }
  const rest = rows.length - byInvariants - byOutcomes;
  say(`\n${rows.length} rows, each removed in turn: ${byInvariants} noticed by an invariant, ${byOutcomes} more by`);
  say(`the outcomes of a scene, ${rest} by the tests of every cell only (tests/cells)`);
}

/** Scenes that reach the rows, and what an adversary needs in them to make one's absence felt. */
const ROW_SCENES = ['one', 'short', 'suspended'];
const ROW_BUDGET = { handBacks: 1, deadLetters: 1, lastMoment: 2 };

async function firstProblem(
  redis: Redis,
  { faults }: RemovedRow,
  judgesOutcomes: boolean,
): Promise<string | undefined> {
  for (const each of scenes('bounded').filter(({ name }) => ROW_SCENES.includes(name))) {
    const outcomes = judgesOutcomes ? each.outcomes : undefined;
    const scene = { ...each, budget: { ...NO_BUDGET, ...ROW_BUDGET }, outcomes };
    const { violation } = await walk(new Worlds(redis, scene, faults), scene);
    if (violation) return `${violation.problems[0]} (${scene.name}, ${violation.path.length} steps)`;
  }
  return undefined;
}

const isOutcome = (problem: string) => /^(this outcome|no story)/.test(problem);

import { GROUPS, type Group } from 'common/events/keys';
import * as fc from 'fast-check';

/**
 * One step of a story. Every command can be played in every state (what it names that is not there, it leaves alone), so that
 * a story stays one when fast-check leaves commands out. `dice` decides what a command does not say.
 */
export type Command = { partition: number } & (
  | { do: 'place'; count: number; currency: number; dice: number }
  | { do: 'drain'; group: Group; count: number }
  | { do: 'run'; wakeUps: boolean }
  | { do: 'handBack'; group: Group; count: number }
  | { do: 'handle'; group: Group; count: number; dice: number }
  | { do: 'fail'; group: Group; dice: number }
  | { do: 'bury'; group: Group; dice: number }
  | { do: 'redrive'; dice: number }
  | { do: 'copy'; count: number; dice: number }
  | { do: 'wakeUp' }
  | { do: 'sweepOverdue' }
  | { do: 'pass'; ms: number }
  | { do: 'passDeadline'; dice: number }
  | { do: 'passRetention'; dice: number }
  | { do: 'stepBack'; ms: number }
  | { do: 'setRate'; currency: number; millionths: number; suspended: boolean }
  | { do: 'deposit'; dice: number }
  | { do: 'stop'; group: Group }
  | { do: 'start'; group: Group }
  | { do: 'forget' }
);

export const DEADLINE_MS = 10_000;
export const RETENTION_MS = 60_000;
/** Less than a quarter of the retention: what was given up as stale would come to life again otherwise. */
export const STEP_BACK_MS_MAX = RETENTION_MS / 4 - 1_000;
const PLACE_COUNT_MAX = 80;

export const dice = fc.nat(0xffff);
const group = fc.constantFrom(...GROUPS);
export const currency = fc.nat(4);
const of = <W extends Command['do']>(word: W) => fc.constant(word);
export const partition = fc.nat(1);

const weighted: { weight: number; arbitrary: fc.Arbitrary<Command> }[] = [
  [24, fc.record({ partition, do: of('place'), count: fc.integer({ min: 1, max: PLACE_COUNT_MAX }), currency, dice })],
  [20, fc.record({ partition, do: of('drain'), group, count: fc.integer({ min: 1, max: 200 }) })],
  [30, fc.record({ partition, do: of('run'), wakeUps: fc.boolean() })],
  [8, fc.record({ partition, do: of('handBack'), group, count: fc.integer({ min: 1, max: 8 }) })],
  [8, fc.record({ partition, do: of('handle'), group, count: fc.integer({ min: 1, max: 20 }), dice })],
  [4, fc.record({ partition, do: of('fail'), group, dice })],
  [4, fc.record({ partition, do: of('bury'), group, dice })],
  [4, fc.record({ partition, do: of('redrive'), dice })],
  [6, fc.record({ partition, do: of('copy'), count: fc.integer({ min: 1, max: 10 }), dice })],
  [5, fc.record({ partition, do: of('wakeUp') })],
  [3, fc.record({ partition, do: of('sweepOverdue') })],
  [6, fc.record({ partition, do: of('pass'), ms: fc.integer({ min: 1, max: 5_000 }) })],
  [4, fc.record({ partition, do: of('passDeadline'), dice })],
  [2, fc.record({ partition, do: of('passRetention'), dice })],
  [2, fc.record({ partition, do: of('pass'), ms: fc.integer({ min: RETENTION_MS / 2, max: 2 * RETENTION_MS }) })],
  [2, fc.record({ partition, do: of('stepBack'), ms: fc.integer({ min: 1, max: STEP_BACK_MS_MAX }) })],
  [2, fc.record({ partition, do: of('setRate'), currency, millionths: fc.nat(3_000_000), suspended: fc.boolean() })],
  [4, fc.record({ partition, do: of('deposit'), dice })],
  [3, fc.record({ partition, do: of('stop'), group })],
  [5, fc.record({ partition, do: of('start'), group })],
  [3, fc.record({ partition, do: of('forget') })],
].map(([weight, arbitrary]) => ({ weight, arbitrary }) as { weight: number; arbitrary: fc.Arbitrary<Command> });

/** Any command, common ones more often. */
export const anyCommand: fc.Arbitrary<Command> = fc.oneof(...weighted);

/** A line of a story as a person reads it. */
export function told({ partition: index, do: word, ...rest }: Command): string {
  const details = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  return [`partition ${index}: ${word}`, ...details].join(', ');
}

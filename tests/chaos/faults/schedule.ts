import { Dice } from '../dice.ts';
import type { Fsync } from '../world/chaosRedis.ts';
import type { Fault } from './fault.ts';
import { networkFaults } from './networkFaults.ts';
import { redisFaults } from './redisFaults.ts';
import { refusalFaults } from './refusalFaults.ts';
import { serviceFaults } from './serviceFaults.ts';

export const FAULTS: readonly Fault[] = [...serviceFaults, ...redisFaults, ...refusalFaults, ...networkFaults];

/** One fault of a schedule: when it is to begin, and the seed of what it does by chance. */
export type Planned = { fault: Fault; atMs: number; holdMs: number; seed: number };

/** How many faults over how long; `only`: of those kinds whose name holds this. */
type ScheduleOptions = { seed: number; faults: number; seconds: number; fsync: Fsync; only?: string };

/**
 * The faults of a run, in the order of their beginning: every kind once before any comes again. The same seed gives the
 * same faults at the same times.
 */
export function schedule({ seed, faults: count, seconds, fsync, only = '' }: ScheduleOptions): Planned[] {
  const kinds = FAULTS.filter((fault) => fault.name.includes(only) && (fault.fsync ?? fsync) === fsync);
  if (kinds.length === 0) throw new Error(`no fault of a Redis that syncs '${fsync}' is called '${only}'`);
  const dice = new Dice(seed);
  const deck: Fault[] = [];
  while (deck.length < count) {
    const again = deck.length === 0 ? kinds : kinds.flatMap((fault) => Array(fault.weight ?? 1).fill(fault) as Fault[]);
    deck.push(...dice.shuffled(again));
  }
  return deck.slice(0, count).map((fault, i) => ({
    fault,
    atMs: Math.floor(((i + dice.next()) * seconds * 1_000) / count),
    holdMs: dice.between(...(fault.holdMs as [number, number])),
    seed: dice.between(0, 2 ** 31),
  }));
}

import { pause } from 'common/actor/pause';
import { Dice } from '../dice.ts';
import type { FaultRecord } from '../history.ts';
import type { World } from '../world/world.ts';
import type { Planned } from './schedule.ts';

/** After a fault's end the system has this long before the next of its lane. */
const BREATH_MS = 500;

export type FaultEars = {
  onFault(record: FaultRecord): void;
  /** A fault was not possible at its moment; it did nothing. */
  onSkipped(name: string, why: string): void;
};

/**
 * Runs a schedule, one lane beside the other; within a lane a fault waits for the end of the one before.
 *
 * @throws the error of a fault that could not be undone
 */
export async function runFaults(
  world: World,
  planned: readonly Planned[],
  ears: FaultEars,
  signal: AbortSignal,
): Promise<void> {
  const begun = Date.now();
  const lanes = Map.groupBy(planned, ({ fault }) => fault.lane);
  const runLane = async (lane: readonly Planned[]) => {
    for (const next of lane) {
      await pause(Math.max(BREATH_MS, begun + next.atMs - Date.now()), signal);
      if (signal.aborted) return;
      await runFault(world, next, ears, signal);
    }
  };
  await Promise.all([...lanes.values()].map(runLane));
}

async function runFault(world: World, planned: Planned, ears: FaultEars, signal: AbortSignal): Promise<void> {
  const { fault, holdMs, seed } = planned;
  const from = Date.now();
  let begun: Awaited<ReturnType<typeof fault.begin>>;
  try {
    begun = await fault.begin(world, new Dice(seed));
  } catch (error) {
    return ears.onSkipped(fault.name, error instanceof Error ? error.message : String(error));
  }
  await pause(holdMs, signal);
  await begun.undo();
  const { detail, outage, killed, full } = begun;
  ears.onFault({
    kind: 'fault',
    ...{ name: fault.name, detail, from, to: Date.now(), returnMs: fault.returnMs },
    ...(outage && { outage }),
    ...(killed && { killed }),
    ...(full && { full }),
  });
}

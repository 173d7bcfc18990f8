import type { FaultRecord, History } from '../history.ts';

/** A stretch of time whose writes Redis may have lost: up to its death; it wrote until then or was slow to die. */
export type Loss = { from: number; to: number; wroteUntil: number };

/** The times between the client and Redis are of one machine; a millisecond is rounded away on the way. */
const ROUNDING_MS = 2;

/** What may be lost in a run: nothing but what a kill left unsynced, or a cut took away. */
export function lossesOf({ faults }: Pick<History, 'faults'>): Loss[] {
  return faults.flatMap(({ killed }: FaultRecord) => {
    if (killed?.lostFrom === undefined) return [];
    const { at, lostFrom, wroteUntil = at } = killed;
    return [{ from: lostFrom - ROUNDING_MS, to: at, wroteUntil }];
  });
}

/** The loss that something written at `at` may have gone with. */
export const lossAt = (losses: readonly Loss[], at: number): Loss | undefined =>
  losses.find(({ from, to }) => at >= from && at <= to);

/** Whether something may be gone that was written at some moment of a request. */
export const mayBeLost = (losses: readonly Loss[], sentAt: number, answeredAt: number): boolean =>
  losses.some(({ from, to }) => answeredAt >= from && sentAt <= to);

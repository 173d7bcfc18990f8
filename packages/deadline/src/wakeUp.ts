/**
 * A moment at which somebody has to look at `due`: the end of a bucket of 20 ms, so that many deadlines share one.
 * The scripts write it as `<bucketEnd> <inMs>`.
 */
export type WakeUp = {
  /** Ms since 1970, by Redis' clock. */
  bucketEnd: number;
  /** How far it lay ahead of Redis' clock when the script said so; 0 or less where it was over. */
  inMs: number;
};

/** Reads what a script has written. */
export function wakeUpOf(text: string): WakeUp {
  const [bucketEnd, inMs] = text.split(' ').map(Number);
  return { bucketEnd: bucketEnd ?? Number.NaN, inMs: inMs ?? Number.NaN };
}

import type { Dice } from '../dice.ts';
import type { FaultRecord, Outage } from '../history.ts';
import type { Fsync } from '../world/chaosRedis.ts';
import type { World } from '../world/world.ts';

/** A fault that has begun. */
export type Begun = {
  detail: string;
  outage?: Outage;
  killed?: NonNullable<FaultRecord['killed']>;
  full?: NonNullable<FaultRecord['full']>;
  /** Ends it, and waits until that is seen to work. */
  undo(): Promise<void>;
};

/** One kind of fault. Of one lane only one is under way at a time: Redis is never out twice at once. */
export type Fault = {
  name: string;
  lane: 'redis' | 'service';
  /** Only where Redis syncs so: what was answered may be lost then. */
  fsync?: Fsync;
  /** How often it comes, beside others of weight 1. */
  weight?: number;
  /** How long it lasts, in ms: from, to. */
  holdMs: readonly [number, number];
  /** How much later connections may be back. */
  returnMs: number;
  /** @throws Error where it is not possible now; nothing of it is left then */
  begin(world: World, dice: Dice): Promise<Begun>;
};

/** A lost connection is made again within a second, one to a Redis that was loading within two. */
export const RECONNECT_MS = 2_000;

/** Silence is noticed by a time-out: a blocking read's is the longest, 5 s and 2 s of grace. */
export const SILENCE_MS = 7_000 + RECONNECT_MS;

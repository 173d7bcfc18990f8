import type { Budget } from './move.ts';
import type { Worlds } from './world.ts';

/** What is explored: who orders what, and what the adversary may do. */
export type Scene = {
  name: string;
  /** What it is about, in a line. */
  about: string;
  /** In each partition. */
  orders: number;
  partitions: number;
  /** Points that the account is opened with. */
  deposited: number;
  budget: Budget;
  /** Sets the first world up. */
  place(worlds: Worlds, tag: string): Promise<void>;
  /** Exactly what may be left of an order when everything is drained; one more or one less is a violation. Undefined: any. */
  outcomes: readonly string[] | undefined;
};

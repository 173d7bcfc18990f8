import type { Budget } from '../move.ts';
import type { Faults } from '../world.ts';

/** A fault that is planted where it cannot hurt anybody, to see that the explorer finds it. */
export type Mutant = {
  name: string;
  /** What is wrong, in a line. */
  about: string;
  faults: Faults;
  /** The scene that it is looked for in. */
  scene: string;
  budget?: Partial<Budget>;
  /** Whether an unexpected outcome counts; else only the invariants do. */
  byInvariants?: boolean;
  /** What is said to be broken. */
  caught: RegExp;
  /** Words of the shortest story's steps, in this order, without which it would make no sense. */
  story: readonly RegExp[];
  /** How many steps the shortest story has. */
  steps: number;
};

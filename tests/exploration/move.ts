import type { Worlds } from './world.ts';

/** How often the adversary may still do what would otherwise never end, and how far the clock goes. */
export type Budget = {
  /** Copies of an event added to the log as new entries. */
  copies: number;
  /** Steps of the clock back. */
  stepsBack: number;
  /** Events that fail at every attempt until they are dead letters. */
  deadLetters: number;
  /** Entries handed back by a drain, for a retry or for work outside Redis, while later ones go first. */
  handBacks: number;
  /** Dead letters sent again; one that is dead for good would come back for ever. */
  redrives: number;
  /** The last moment that the clock reaches, by its place in `CLOCK`. */
  lastMoment: number;
};

export type Move = {
  /** A line of the story. */
  label: string;
  /** A fair move is what the system does by itself when it is left alone; the rest is the adversary's. */
  fair: boolean;
  budget: Budget;
  /** What must be true of the reply; a text is a violation. */
  run(worlds: Worlds, tag: string): Promise<string | undefined>;
  /** Must leave everything as it is. */
  harmless?: boolean;
};

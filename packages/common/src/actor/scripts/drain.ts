import { join } from 'node:path';
import type { Parts } from 'common/script/assemble';
import { defineScript } from 'common/script/script';

/** Reads a batch and runs every entry's transition, for one actor: its transitions and field declarations are `parts`. */
export const drainScript = (parts: Parts, folders: readonly string[]) =>
  defineScript({
    name: 'drain',
    file: join(import.meta.dirname, 'drain.lua'),
    keys: ['log'],
    args: ['tag', 'group', 'consumer', 'countMax', 'trail'],
    replies: ['DRAINED'],
    parts,
    folders,
  });

export type DrainScript = ReturnType<typeof drainScript>;

export type HandedBack = { id: string; why: string; detail: string };
export type Trailed = { id: string; orderId: string; outcome: string };

export type DrainReport = {
  read: number;
  /** The log's last id, to wait from; undefined where more may wait already. */
  lastId: string | undefined;
  outcomes: { outcome: string; count: number }[];
  /** From an event's timestamp to its effect, in ms, one for every entry that the actor did something with. */
  ages: number[];
  handedBack: HandedBack[];
  trail: Trailed[];
  reports: string[];
};

type Reply = [
  number,
  string,
  [string, number][],
  number[],
  [string, string, string][],
  [string, string, string][],
  string[],
];

/** Gives names to the rest of a `DRAINED` reply. */
export function drainReport(rest: readonly unknown[]): DrainReport {
  const [read, lastId, outcomes, ages, handedBack, trail, reports] = rest as Reply;
  return {
    read,
    lastId: lastId === '' ? undefined : lastId,
    outcomes: outcomes.map(([outcome, count]) => ({ outcome, count })),
    ages,
    handedBack: handedBack.map(([id, why, detail]) => ({ id, why, detail })),
    trail: trail.map(([id, orderId, outcome]) => ({ id, orderId, outcome })),
    reports,
  };
}

import type { Sweep } from 'common/actor/retention';
import type { BackendName, ServiceConfig } from 'common/config/readConfig';
import type { Script } from 'common/script/script';
import type { TransitionTable } from 'common/transitions/table';
import type { Keyspace } from '../kit/keyspace.ts';
import type { World } from './world.ts';

/** One way to make a guard true: when the trigger comes, and what else must be so. */
export type GuardCase = {
  name: string;
  /** Redis' time when the trigger comes, in ms since 1970. */
  now: (world: World) => number;
  /** What has to be there besides, written as the service writes it (a rate, an account). */
  arrange?: (world: World) => Promise<void>;
  /** Fields of the trigger that differ from the usual ones. */
  fields?: Readonly<Record<string, string>>;
};

/** What the tests of every cell must know about a service besides its table. */
export type CellFixture = {
  service: BackendName;
  actor: { table: TransitionTable; scriptsFolder: string; transitionFiles: Readonly<Record<string, string>> };
  settings?: (config: ServiceConfig) => Readonly<Record<string, number>>;
  /** For every guard of the table. */
  guards: Readonly<Record<string, readonly GuardCase[]>>;
  /** By trigger: cases in which none of the guards holds that its rows name. */
  otherwise?: Readonly<Record<string, readonly GuardCase[]>>;
  /** How to run each command of the table. */
  commands?: Readonly<Record<string, (world: World) => Promise<void>>>;
  /** What the service needs in place before anything else (an account); written by its own scripts. */
  begin?: (world: World) => Promise<void>;
  /** The key of the entity's record, and what it holds in each state. */
  recordKey: (world: World) => string;
  records: (world: World) => Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The sorted set that lists the entities of a state, its members, and the record's field that is the score. */
  statusIndex?: { key: (world: World, state: string) => string; member: (world: World) => string; score: string };
  /** What else must hold in a state, of the service's other keys. */
  alsoHolds?: (world: World, state: string, keyspace: Keyspace) => void;
  /** Every key that the service may touch for this entity, as its keys.ts spells them. */
  keys: (world: World) => readonly string[];
  /** The scripts of its commands. */
  scripts: readonly Script[];
  /** Keys in which a sweep puts off what it could not settle. */
  putOff?: (world: World) => readonly string[];
  /** For each state that a sweep removes after its retention, that sweep. */
  sweeps?: (world: World) => Readonly<Record<string, Sweep>>;
  /** Requests that no row of the table is about, each with what must be there before. */
  requests?: Readonly<
    Record<string, { arrange?: (world: World) => Promise<unknown>; run: (world: World) => Promise<unknown> }>
  >;
  /** Runs that reach the replies of `scripts` which no cell reaches. */
  replies?: Readonly<Record<string, (world: World) => Promise<void>>>;
};

import { join } from 'node:path';
import { actorScripts } from 'common/actor/actorScripts';
import { deadKey, type Group, logKey } from 'common/events/keys';
import { defineScript, type Script } from 'common/script/script';
import type { ScriptRunner } from 'common/script/scriptRunner';
import type { Redis } from 'ioredis';
import { type Edit, PlantedRunner } from '../kit/plantedRunner.ts';
import { virtualClockLua } from '../kit/virtualClock.ts';
import { indexesLua } from './judgeIndexes.ts';
import { RETENTION_MS } from './moments.ts';
import type { Move } from './move.ts';
import { ACTORS, columnsLua, readSeen, type Seen } from './seen.ts';
import { ORDER_IDS, USER, worldKeysLua } from './worldKeys.ts';

/** What a mutant plants; shipped code has none. */
export type Faults = {
  /** Texts of shipped Lua files that are replaced. */
  edits?: readonly Edit[];
  /** Changes what can happen: the moves of one partition, as they are for the shipped services, and those instead. */
  moves?: (moves: Move[], seen: Seen) => Move[];
};

/** Of all worlds of this process: several walks may share a Redis, one after the other or at once. */
let lastTag = 0;

/**
 * Worlds in one Redis: each is told apart by its tag, holds one or more partitions, and can be copied, moved on and
 * forgotten. What moves them are the shipped scripts, with the clock as the only replaced part (and, in a mutant, the
 * planted fault).
 */
export class Worlds {
  readonly redis: Redis;
  readonly runner: ScriptRunner;
  readonly faults: Faults;
  readonly actors: Readonly<Record<Group, ReturnType<typeof actorScripts>>>;
  readonly #orderCount: number;
  readonly #partitionCount: number;

  constructor(redis: Redis, size: { orders: number; partitions: number }, faults: Faults = {}) {
    this.redis = redis;
    this.faults = faults;
    this.#orderCount = size.orders;
    this.#partitionCount = size.partitions;
    this.runner = new PlantedRunner({ clock: virtualClockLua }, faults.edits ?? []);
    const scripts = (group: Group) => {
      const { table, scriptsFolder, transitionFiles } = ACTORS[group];
      return actorScripts(table, scriptsFolder, transitionFiles, { RETENTION_MS });
    };
    this.actors = {
      order: scripts('order'),
      exchange: scripts('exchange'),
      point: scripts('point'),
      deadline: scripts('deadline'),
    };
  }

  newTag(): string {
    lastTag += 1;
    return `w${lastTag}`;
  }

  /** As many copies of a world as are asked for, streams with groups and pending entries included. */
  async copies(from: string, count: number): Promise<string[]> {
    if (count === 0) return [];
    const to = Array.from({ length: count }, () => this.newTag());
    const parts = this.#tags(from).map((part, i) => {
      const tags = to.map((tag) => partitionTag(tag, i));
      return this.runner.run(this.redis, cloneScript, {}, { from: part }, tags);
    });
    await Promise.all(parts);
    return to;
  }

  async forget(tags: readonly string[]): Promise<void> {
    const all = tags.flatMap((tag) => this.#tags(tag));
    if (all.length > 0) await this.runner.run(this.redis, forgetScript, {}, {}, all);
  }

  /** Reads a whole world, partition by partition. */
  see(tag: string): Promise<Seen[]> {
    return Promise.all(this.#tags(tag).map((part) => this.seePartition(part)));
  }

  async seePartition(tag: string): Promise<Seen> {
    const keys = { log: logKey(tag), dead: deadKey(tag) };
    const ids = ORDER_IDS.slice(0, this.#orderCount);
    const { rest } = await this.runner.run(this.redis, observeScript, keys, { tag, userId: USER }, ids);
    return readSeen(rest);
  }

  #tags(tag: string): string[] {
    return Array.from({ length: this.#partitionCount }, (_, i) => partitionTag(tag, i));
  }
}

/** The tag of one partition of a world: the first one's is the world's own. */
export const partitionTag = (tag: string, index: number) => (index === 0 ? tag : `${tag}-${index}`);

const file = (name: string) => join(import.meta.dirname, `${name}.lua`);
const parts = { worldKeys: worldKeysLua };

const cloneScript = defineScript({
  name: 'clone',
  file: file('clone'),
  keys: [],
  args: ['from'],
  replies: ['CLONED'],
  parts,
});

const forgetScript: Script<never, never> = defineScript({
  name: 'forget',
  file: file('forget'),
  keys: [],
  args: [],
  replies: ['FORGOTTEN'],
  parts,
});

const observeScript = defineScript({
  name: 'observe',
  file: file('observe'),
  keys: ['log', 'dead'],
  args: ['tag', 'userId'],
  replies: ['SEEN'],
  parts: { indexes: indexesLua, columns: columnsLua },
});

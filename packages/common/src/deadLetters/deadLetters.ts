import { deadKey, deadRecordKey, logKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import { compareIds } from 'common/log/logEntry';
import type { Partition } from 'common/partition/partition';
import type { ScriptRunner } from 'common/script/scriptRunner';
import type { Redis } from 'ioredis';
import { discard, redrive } from './scripts/deadLetterScripts.ts';

/** An event that a group could not handle. */
export type DeadLetter = {
  partition: number;
  id: string;
  reason: string;
  cause: string;
  group: string;
  /** The entry that it was in the log; it may have been trimmed since. */
  originalId: string;
  attempts: number;
  /** Redis time in ms. */
  at: number;
  /** The event's fields as they were, unknown ones included; empty where the entry had been trimmed away. */
  fields: Readonly<Record<string, string>>;
};

/** What was done with a dead letter, as the record keeps it. */
export type DeadLetterAction = { partition: number; id: string; fields: Readonly<Record<string, string>> };

/** Up to `count` entries from a bound of XRANGE on: an id, one behind `(`, or `-` and `+` for the two ends. */
export type Stretch = { from: string; newestFirst: boolean; count: number };

export type RedriveResult = 'REDRIVEN' | 'GONE' | 'EMPTY';

/** How many actions on dead letters are remembered. */
const RECORD_MAX = 10_000;

/** The dead letters of every partition: to look at, to send again, to give up. */
export class DeadLetters {
  readonly #redis: Redis;
  readonly #scripts: ScriptRunner;
  readonly #partitions: readonly Partition[];

  constructor(redis: Redis, scripts: ScriptRunner, partitions: readonly Partition[]) {
    this.#redis = redis;
    this.#scripts = scripts;
    this.#partitions = partitions;
  }

  /** Up to `count` of a partition, oldest first, after the one with id `after`. */
  list(partition: Partition, count: number, after = '-'): Promise<DeadLetter[]> {
    return this.read(partition, { from: after === '-' ? '-' : `(${after}`, newestFirst: false, count });
  }

  /** A stretch of a partition's dead letters. */
  async read(partition: Partition, stretch: Stretch): Promise<DeadLetter[]> {
    const found = await this.#stretch(deadKey(partition.tag), stretch);
    return found.map(([id, flat]) => deadLetter(partition.index, id, flat));
  }

  /** A stretch of the record of what was done with a partition's dead letters. */
  async readActions(partition: Partition, stretch: Stretch): Promise<DeadLetterAction[]> {
    const found = await this.#stretch(deadRecordKey(partition.tag), stretch);
    return found.map(([id, flat]) => ({ partition: partition.index, id, fields: entryFields(flat) }));
  }

  async find(partition: Partition, id: string): Promise<DeadLetter | undefined> {
    const [letter] = await this.read(partition, { from: id, newestFirst: false, count: 1 });
    return letter?.id === id ? letter : undefined;
  }

  async count(): Promise<number> {
    const lengths = await Promise.all(this.#partitions.map(({ tag }) => this.#redis.xlen(deadKey(tag))));
    return lengths.reduce((sum, length) => sum + length, 0);
  }

  /** Sends one again; doing so twice sends it once. */
  async redrive(partition: Partition, id: string, reason: string): Promise<RedriveResult> {
    const { tag } = partition;
    const keys = { log: logKey(tag), dead: deadKey(tag), record: deadRecordKey(tag) };
    const { word } = await this.#scripts.run(this.#redis, redrive, keys, { id, reason, recordMax: RECORD_MAX });
    return word;
  }

  /** Sends several again, in the order in which the log had them. */
  async redriveAll(letters: readonly DeadLetter[], reason: string): Promise<Record<RedriveResult, number>> {
    const results = { REDRIVEN: 0, GONE: 0, EMPTY: 0 };
    for (const letter of [...letters].sort((a, b) => compareIds(a.originalId, b.originalId))) {
      const partition = this.#partitions[letter.partition];
      if (partition) results[await this.redrive(partition, letter.id, reason)] += 1;
    }
    return results;
  }

  /** Gives one up; what it was stays in the record. */
  async discard({ tag }: Partition, id: string, reason: string): Promise<'DISCARDED' | 'GONE'> {
    const keys = { dead: deadKey(tag), record: deadRecordKey(tag) };
    return (await this.#scripts.run(this.#redis, discard, keys, { id, reason, recordMax: RECORD_MAX })).word;
  }

  /** The newest actions of a partition, newest first. */
  actions(partition: Partition, count: number): Promise<DeadLetterAction[]> {
    return this.readActions(partition, { from: '+', newestFirst: true, count });
  }

  #stretch(key: string, { from, newestFirst, count }: Stretch) {
    if (newestFirst) return this.#redis.xrevrange(key, from, '-', 'COUNT', count);
    return this.#redis.xrange(key, from, '+', 'COUNT', count);
  }
}

function deadLetter(partition: number, id: string, flat: readonly string[]): DeadLetter {
  const all = entryFields(flat);
  const fields = Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith('dead.')));
  return {
    partition,
    id,
    reason: all['dead.reason'] ?? '',
    cause: all['dead.cause'] ?? '',
    group: all['dead.group'] ?? '',
    originalId: all['dead.id'] ?? '0-0',
    attempts: Number(all['dead.attempts'] ?? 0),
    at: Number(all['dead.at'] ?? 0),
    fields,
  };
}

import { drainReport } from 'common/actor/scripts/drain';
import { postpone } from 'common/actor/scripts/pendingScripts';
import { redrive } from 'common/deadLetters/scripts/deadLetterScripts';
import { deadKey, deadRecordKey, GROUPS, type Group, logKey, retryKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import { outcomeReader } from 'common/transitions/table';
import { reachDeadlines } from 'deadline/scripts/reachDue';
import { sweepOverdue } from 'order/scripts/sweepPending';
import { Dice } from './dice.ts';
import { forgetOld } from './forgetOld.ts';
import { type Observed, observe, type SeenEvent } from './observe.ts';
import { USERS_OF } from './place.ts';
import { Shadow } from './shadow.ts';
import type { Stage } from './stage.ts';

const CONSUMER = 'c1';
/** A batch as the services read it. */
const BATCH = 200;
/** Entries that a copy may be made of: the latest ones. */
const REMEMBERED_MAX = 2_000;
/** Compensations are never given up: for failing they have no dead letters. */
const TIRELESS: Readonly<Partial<Record<Group, string>>> = { exchange: 'OrderRejected', point: 'ExchangeCompensated' };

/** One partition of a story's system: the shipped scripts, run one at a time, and what is known of it. */
export class PartitionWorld {
  readonly shadow: Shadow;
  readonly stopped = new Set<Group>();
  readonly partition: { index: number; tag: string };
  readonly stage: Stage;
  /** Orders that the scripts say they have touched since the last look. */
  readonly touched = new Set<number>();
  readonly problems: string[] = [];
  readonly #pending = new Map<Group, number>();
  #letters: string[] = [];
  #lastId = '0-0';
  #remembered: SeenEvent[] = [];

  constructor(stage: Stage, partition: { index: number; tag: string }) {
    this.stage = stage;
    this.partition = partition;
    this.shadow = new Shadow(USERS_OF[partition.index] ?? []);
  }

  get till() {
    return { ...this.stage, partition: this.partition, shadow: this.shadow };
  }

  /** @returns how many entries it has read */
  async drain(group: Group, countMax = BATCH): Promise<number> {
    const { redis, runner, actors } = this.stage;
    const { tag } = this.partition;
    const { drain, table } = actors[group];
    const args = { tag, group, consumer: CONSUMER, countMax, trail: 1 };
    const { rest } = await runner.run(redis, drain, { log: logKey(tag) }, args);
    const { read, outcomes, trail, handedBack } = drainReport(rest);
    const readRow = outcomeReader(table);
    for (const { outcome, count } of outcomes) if (outcome !== 'PASSED') this.#count(group, readRow, outcome, count);
    for (const { orderId } of trail) this.touched.add(Number(orderId));
    this.#pending.set(group, (this.#pending.get(group) ?? 0) + handedBack.length);
    for (const { why, detail } of handedBack) {
      if (why !== 'WORK') this.problems.push(`a transition of ${group} answered ${why}: ${detail}`);
    }
    return read;
  }

  /** What a drain does with entries that it cannot finish: they are pending, and the position moves on. */
  async handBack(group: Group, count: number): Promise<void> {
    const { redis } = this.stage;
    const read = ['STREAMS', logKey(this.partition.tag), '>'] as const;
    const reply = (await redis.xreadgroup('GROUP', group, CONSUMER, 'COUNT', count, ...read)) as [[string, unknown[]]];
    this.#pending.set(group, (this.#pending.get(group) ?? 0) + (reply?.[0]?.[1].length ?? 0));
  }

  /** Handles what is pending in an order that the dice say, now and then twice, as a consumer that slept would. */
  async handle(group: Group, count: number, seed: number): Promise<number> {
    const ids = await this.#pendingIds(group);
    const dice = new Dice(seed);
    const chosen = dice.shuffled(ids).slice(0, count);
    // Sent together, they run one after the other all the same.
    const words = chosen.map((id) => ({
      first: this.#handleOne(group, id),
      again: dice.below(8) === 0 ? this.#handleOne(group, id) : undefined,
    }));
    for (const { first, again } of words) {
      const [word, repeated] = await Promise.all([first, again]);
      if (word !== 'DONE' && word !== 'PASSED') this.problems.push(`handling a pending entry of ${group}: ${word}`);
      if (repeated !== undefined && repeated !== 'DUPLICATE') {
        this.problems.push(`a stalled consumer of ${group} was answered ${repeated}`);
      }
    }
    this.#pending.set(group, ids.length - chosen.length);
    return chosen.length;
  }

  async #handleOne(group: Group, id: string): Promise<string> {
    const { redis, runner, actors } = this.stage;
    const { tag } = this.partition;
    const { handle, table } = actors[group];
    const keys = { log: logKey(tag), retry: retryKey(tag, group) };
    const { word, rest } = await runner.run(redis, handle, keys, { tag, group, id, prepared: 'done' });
    if (word === 'DONE') this.touched.add(Number(rest[1]));
    if (word === 'DONE') this.#count(group, outcomeReader(table), String(rest[0]), 1);
    return word === 'FAILED' ? `FAILED ${rest[0]}` : word;
  }

  /** What is no row of the table is a violation. */
  #count(group: Group, readRow: (outcome: string) => unknown, outcome: string, count: number): void {
    readRow(outcome);
    const { played } = this.stage;
    played.set(`${group}: ${outcome}`, (played.get(`${group}: ${outcome}`) ?? 0) + count);
  }

  async #pendingIds(group: Group): Promise<string[]> {
    if (!this.#pending.get(group)) return [];
    const found = (await this.stage.redis.xpending(logKey(this.partition.tag), group, '-', '+', 2_000)) as unknown[][];
    return found.map(([id]) => String(id));
  }

  /** A pending entry fails, and waits for its retry. */
  async fail(group: Group, seed: number): Promise<void> {
    const id = new Dice(seed).oneOf(await this.#pendingIds(group));
    if (id !== undefined) await this.#postpone(group, id, 0);
  }

  async #postpone(group: Group, id: string, attemptsMax: number): Promise<string> {
    const { redis, runner } = this.stage;
    const { tag } = this.partition;
    const keys = { log: logKey(tag), retry: retryKey(tag, group) };
    const failing = { cause: 'planted', attemptsMax, backoffMs: 1, backoffMsMax: 1 };
    const { word } = await runner.run(redis, postpone, keys, { tag, group, consumer: CONSUMER, id, ...failing });
    return word;
  }

  /** What still waits for a retry: at rest there is none. */
  async waiting(): Promise<string[]> {
    const { redis } = this.stage;
    const counts = await Promise.all(GROUPS.map((group) => redis.zcard(retryKey(this.partition.tag, group))));
    return GROUPS.flatMap((group, i) =>
      counts[i] ? [`${counts[i]} retries of ${group} are left that nobody needs`] : [],
    );
  }

  /** A pending entry fails for the last time. */
  async bury(group: Group, seed: number): Promise<void> {
    const { redis } = this.stage;
    const { tag } = this.partition;
    const id = new Dice(seed).oneOf(await this.#pendingIds(group));
    if (id === undefined) return;
    const [entry] = await redis.xrange(logKey(tag), id, id);
    if (!entry || entryFields(entry[1]).eventType === TIRELESS[group]) return;
    const word = await this.#postpone(group, id, 1);
    const [letter] = word === 'BURIED' ? await redis.xrevrange(deadKey(tag), '+', '-', 'COUNT', 1) : [];
    if (letter) this.#letters.push(letter[0]);
  }

  /** Sends again what failed; a stale one would come back as what it was. Whether there was one. */
  async redrive(seed: number): Promise<boolean> {
    const { redis, runner } = this.stage;
    const { tag } = this.partition;
    const id = new Dice(seed).oneOf(this.#letters);
    if (id === undefined) return false;
    this.#letters = this.#letters.filter((letter) => letter !== id);
    const keys = { log: logKey(tag), dead: deadKey(tag), record: deadRecordKey(tag) };
    const { word, rest } = await runner.run(redis, redrive, keys, { id, reason: 'the story', recordMax: 100 });
    this.shadow.repeated.add(String(rest[0]));
    const again = await runner.run(redis, redrive, keys, { id, reason: 'the story', recordMax: 100 });
    if (word !== 'REDRIVEN' || again.word !== 'GONE') {
      this.problems.push(`sending a dead letter again answered ${word}, and ${again.word} the second time`);
    }
    return true;
  }

  /** Delivers entries again, as new ones; each type as often as any other, for the rare ones have the most to tell. */
  async copy(count: number, seed: number): Promise<void> {
    const { redis } = this.stage;
    const log = logKey(this.partition.tag);
    const dice = new Dice(seed);
    const byType = [...Map.groupBy(this.#remembered, ({ type }) => type).values()];
    for (let i = 0; i < count; i += 1) {
      const id = dice.oneOf(dice.oneOf(byType) ?? [])?.id;
      const [entry] = id === undefined ? [] : await redis.xrange(log, id, id);
      if (entry) this.shadow.repeated.add(String(await redis.xadd(log, '*', ...entry[1])));
    }
  }

  async wakeUp(): Promise<number> {
    const { fired, failed } = await reachDeadlines(this.stage.runner, this.stage.redis, this.partition.tag);
    for (const { orderId } of fired) this.touched.add(orderId);
    for (const { orderId, why } of failed) this.problems.push(`the deadline of order ${orderId} failed: ${why}`);
    return fired.length;
  }

  async sweepOverdue(): Promise<number> {
    const { swept, failed } = await sweepOverdue(this.stage.runner, this.stage.redis, this.partition.tag);
    for (const orderId of swept) this.touched.add(orderId);
    for (const { orderId, why } of failed) this.problems.push(`sweeping order ${orderId} failed: ${why}`);
    return swept.length;
  }

  async forget(): Promise<void> {
    this.problems.push(...(await forgetOld(this.stage, this.partition)));
  }

  /** Looks at what was touched since the last look, or at everything, and answers what is broken. */
  async look(users: Iterable<string>, everything = false): Promise<string[]> {
    const { redis, runner } = this.stage;
    const orders = [...new Set([...this.touched, ...(everything ? this.shadow.kept() : [])])];
    const holders = orders.flatMap((id) => this.shadow.orders.get(id)?.holderId ?? []);
    const touched = {
      orders,
      users: everything ? this.shadow.accounts.keys() : new Set([...users, ...holders]),
      indexes: everything ? this.shadow.indexes.map(({ keyOf }) => keyOf(this.partition.tag)) : [],
    };
    const seen = await observe(runner, redis, this.partition.tag, this.#lastId, touched);
    this.touched.clear();
    this.#remember(seen);
    const broken = [...this.problems.splice(0), ...this.shadow.judge(seen)];
    return everything ? [...broken, ...this.shadow.judgeWhole(seen)] : broken;
  }

  #remember({ events }: Observed): void {
    this.#lastId = events.at(-1)?.id ?? this.#lastId;
    this.#remembered.push(...events);
    if (this.#remembered.length > 2 * REMEMBERED_MAX) this.#remembered = this.#remembered.slice(-REMEMBERED_MAX);
  }
}

import { actorScripts } from 'common/actor/actorScripts';
import { type DrainReport, drainReport } from 'common/actor/scripts/drain';
import { readConfig } from 'common/config/readConfig';
import type { EventType } from 'common/events/catalog';
import { indexKey, leaseKey, logKey, retryKey } from 'common/events/keys';
import { foundation } from 'common/process/foundation';
import { isEvent } from 'common/transitions/table';
import pino from 'pino';
import { Registry } from 'prom-client';
import { dumpKeyspace, type Keyspace } from '../kit/keyspace.ts';
import { RecordingRunner } from '../kit/recordingRunner.ts';
import { VirtualClock, virtualClockLua } from '../kit/virtualClock.ts';
import type { CellFixture, GuardCase } from './cellFixture.ts';
import { type Cell, pathsOf, type Way } from './cellPlan.ts';
import { OWN_FIELDS } from './sampleEvent.ts';

const CONSUMER = 'cells';
const CREATED_AT = 1_700_000_000_000;

/** What one delivery did: the outcome that the script named (undefined for commands), or the word of a refusal. */
export type Delivered = { id: string; outcome: string | undefined; word: string };

/** One order in an empty Redis at a virtual time, with the scripts of one service. */
export class World {
  readonly tag = '0';
  readonly orderId = 1;
  readonly createdAt = CREATED_AT;
  readonly deadline: number;
  readonly retentionMs: number;
  readonly fixture: CellFixture;
  readonly runner = new RecordingRunner({ clock: virtualClockLua });
  readonly base: ReturnType<typeof foundation>;
  readonly scripts: ReturnType<typeof actorScripts>;
  readonly clock: VirtualClock;
  readonly #paths: ReturnType<typeof pathsOf>;

  constructor(fixture: CellFixture, redisUrl: string) {
    const config = readConfig(fixture.service, { REDIS_URL: redisUrl });
    const context = { config, logger: pino({ level: 'silent' }), registry: new Registry() };
    this.fixture = fixture;
    this.deadline = CREATED_AT + config.deadlineMs;
    this.retentionMs = config.retentionMs;
    this.base = { ...foundation(context), scripts: this.runner };
    const { table, scriptsFolder, transitionFiles } = fixture.actor;
    this.scripts = actorScripts(table, scriptsFolder, transitionFiles, fixture.settings?.(config) ?? {});
    this.clock = new VirtualClock(this.redis, this.tag);
    this.#paths = pathsOf(fixture, table);
  }

  connect(): Promise<void> {
    return this.base.connections.connect();
  }

  close(): Promise<void> {
    return this.base.connections.closeAll();
  }

  get redis() {
    return this.base.connections.commands;
  }

  get group() {
    return this.fixture.service;
  }

  get log(): string {
    return logKey(this.tag);
  }

  /** Empties Redis and walks along the table to a state. */
  async reach(state: string): Promise<void> {
    await this.redis.flushall();
    await this.clock.set(this.createdAt);
    await this.redis.xgroup('CREATE', this.log, this.group, '0', 'MKSTREAM');
    await this.fixture.begin?.(this);
    for (const { on, guardCase, row } of this.#paths.get(state) ?? []) {
      await this.arrange(guardCase);
      const { word } = await this.trigger(on, guardCase, isEvent(on) ? 'drain' : 'command');
      if (word !== 'DONE') throw new Error(`on the way to ${state} ${on} from ${row.from} ended ${word}`);
      await this.drain();
    }
  }

  async arrange(guardCase: GuardCase): Promise<void> {
    await this.clock.set(guardCase.now(this));
    await guardCase.arrange?.(this);
  }

  /** Brings a world to the moment before a cell's trigger. */
  async before({ from, guardCase }: Pick<Cell, 'from' | 'guardCase'>): Promise<void> {
    await this.reach(from);
    await this.arrange(guardCase);
  }

  /** Publishes a trigger and delivers it; a command is run. */
  async trigger(on: string, guardCase: GuardCase, way: Way): Promise<Delivered> {
    if (way === 'command') return this.command(on);
    return this.deliver(await this.publish(on, guardCase), way);
  }

  async command(on: string): Promise<Delivered> {
    const run = this.fixture.commands?.[on];
    if (!run) throw new Error(`the fixture of ${this.fixture.service} has no command ${on}`);
    await run(this);
    return { id: '', outcome: undefined, word: 'DONE' };
  }

  /** Adds an event to the log and to its order's index, as another service's script does. */
  async publish(on: string, { fields = {} }: Pick<GuardCase, 'fields'> = {}): Promise<string> {
    const event = {
      eventType: on,
      version: '1',
      orderId: String(this.orderId),
      timestamp: String(this.createdAt),
      deadline: String(this.deadline),
      ...OWN_FIELDS[on as EventType],
      ...fields,
    };
    const id = await this.redis.xadd(this.log, '*', ...Object.entries(event).flat());
    if (id === null) throw new Error('XADD answered nothing');
    await this.redis.rpush(indexKey(this.tag, this.orderId), id);
    return id;
  }

  async deliver(id: string, way: Way): Promise<Delivered> {
    if (way === 'handle') {
      await this.redis.xgroup('SETID', this.log, this.group, id);
      return this.handle(id);
    }
    const report = await this.drain();
    const handed = report.handedBack.find((entry) => entry.id === id);
    if (handed) return { id, outcome: handed.detail, word: handed.why };
    const outcomes = report.outcomes.filter(({ outcome }) => outcome !== 'PASSED');
    if (outcomes.length === 0) return { id, outcome: undefined, word: 'PASSED' };
    return { id, outcome: outcomes.map(({ outcome, count }) => outcome.repeat(count)).join(), word: 'DONE' };
  }

  /** Gives an entry to a consumer's pending list, as a drain does, and runs it from there. */
  async handle(id: string): Promise<Delivered> {
    await this.redis.xclaim(this.log, this.group, CONSUMER, 0, id, 'FORCE', 'JUSTID');
    return this.handleAgain(id);
  }

  /** Runs an entry that may or may not be pending. */
  async handleAgain(id: string): Promise<Delivered> {
    const { handle } = this.scripts;
    const args = { tag: this.tag, group: this.group, id, prepared: '' };
    const { word, rest } = await this.runner.run(this.redis, handle, { log: this.log, retry: this.retry }, args);
    return { id, word, outcome: rest[0] === undefined ? undefined : String(rest[0]) };
  }

  async drain(): Promise<DrainReport> {
    const { drain } = this.scripts;
    const args = { tag: this.tag, group: this.group, consumer: CONSUMER, countMax: 100, trail: 0 };
    const { rest } = await this.runner.run(this.redis, drain, { log: this.log }, args);
    return drainReport(rest);
  }

  /** Lets the group read an entry, and all after it, once more: as after a lost group. */
  async rewindTo(id: string): Promise<void> {
    const [ms = '0', sequence = '0'] = id.split('-');
    const before = sequence === '0' ? `${Number(ms) - 1}-18446744073709551615` : `${ms}-${Number(sequence) - 1}`;
    await this.redis.xgroup('SETID', this.log, this.group, before);
  }

  async pending(): Promise<number> {
    const [count] = (await this.redis.xpending(this.log, this.group)) as [number];
    return count;
  }

  dump(): Promise<Keyspace> {
    return dumpKeyspace(this.redis, [this.clock.key]);
  }

  get retry(): string {
    return retryKey(this.tag, this.group);
  }

  get lease(): string {
    return leaseKey(this.tag, this.group);
  }
}

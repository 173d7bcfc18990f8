import { GROUPS } from 'common/events/keys';
import { ratesKey } from 'exchange/keys';
import { OVERDUE_MS } from 'order/scripts/sweepPending';
import { type Command, DEADLINE_MS, RETENTION_MS, STEP_BACK_MS_MAX } from './command.ts';
import { Dice } from './dice.ts';
import { PartitionWorld } from './partitionWorld.ts';
import { currencyOf, openAccounts, PARTITIONS, payIn, placeOrders } from './place.ts';
import { BEGINNING_MS, clearStage, type Stage, setTime } from './stage.ts';

/** After so many commands everything is looked at, not only what was touched. */
const FULL_LOOK_EVERY = 100;
/** Rounds in which a system that is left alone comes to rest; one that does not is broken. */
const ROUNDS_MAX = 2_000;

export type Played = { orders: number; steps: number };

/** A broken invariant; `step` counts from 1, 0 is what only the end has shown. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly step: number;

  constructor(broken: readonly string[], step: number) {
    super(`${step === 0 ? 'at the end' : `at step ${step}`}: ${broken.slice(0, 5).join('; ')}`);
    this.step = step;
  }
}

/**
 * Plays a story from an empty Redis to its end, where everything that waits is done; the invariants are judged after every
 * step.
 *
 * @throws Violation where one is broken
 */
export async function play(stage: Stage, story: readonly Command[]): Promise<Played> {
  const theatre = new Theatre(stage);
  await theatre.begin();
  for (const [i, command] of story.entries()) {
    await theatre.step(command, i + 1);
  }
  await theatre.end();
  return { orders: theatre.orders, steps: story.length };
}

/** The two partitions and their one clock. */
class Theatre {
  readonly #stage: Stage;
  readonly #worlds: readonly PartitionWorld[];
  #now = BEGINNING_MS;
  #latest = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#worlds = PARTITIONS.map((partition) => new PartitionWorld(stage, partition));
  }

  get orders(): number {
    return this.#worlds.reduce((sum, { shadow }) => sum + shadow.orders.size, 0);
  }

  async begin(): Promise<void> {
    await clearStage(this.#stage);
    await this.#setClock(this.#now);
    for (const { till } of this.#worlds) await openAccounts(till);
  }

  async step(command: Command, number: number): Promise<void> {
    const world = this.#worlds[command.partition];
    if (!world) return;
    try {
      const users = await this.#do(command, world);
      const full = command.do === 'forget' || number % FULL_LOOK_EVERY === 0;
      const broken = await world.look(users, full);
      if (broken.length > 0) throw new Violation(broken, number);
    } catch (error) {
      throw error instanceof Violation ? error : new Violation([String(error)], number);
    }
  }

  /** Lets the system come to rest, first with what time there is left, then past every deadline. */
  async end(): Promise<void> {
    for (const world of this.#worlds) world.stopped.clear();
    await this.#rest();
    await this.#setClock(this.#now + DEADLINE_MS + OVERDUE_MS + 1);
    await this.#rest();
  }

  async #rest(): Promise<void> {
    for (const world of this.#worlds) {
      const settled = await untilQuiet(world);
      const broken = [
        ...(await world.look([], true)),
        ...world.shadow.judgeRest(this.#now),
        ...(await world.waiting()),
      ];
      if (!settled) broken.push('it does not come to rest');
      if (broken.length > 0) throw new Violation(broken, 0);
    }
  }

  async #setClock(now: number): Promise<void> {
    // Several steps back go no further than one: no clock is that wrong.
    this.#now = Math.max(now, this.#latest - STEP_BACK_MS_MAX);
    for (const { partition, shadow } of this.#worlds) {
      await setTime(this.#stage, partition.tag, this.#now, this.#latest);
      shadow.latest = Math.max(this.#latest, this.#now);
    }
    this.#latest = Math.max(this.#latest, this.#now);
  }

  /** @returns users whose accounts it has touched */
  async #do(command: Command, world: PartitionWorld): Promise<string[]> {
    switch (command.do) {
      case 'place': {
        for (const id of await placeOrders(world.till, command)) world.touched.add(id);
        return [];
      }
      case 'deposit':
        return payIn(world.till, command.dice);
      case 'setRate': {
        const { currency, millionths, suspended } = command;
        const rate = `${millionths}:${Number(suspended)}`;
        await this.#stage.redis.hset(ratesKey(world.partition.tag), currencyOf(currency), rate);
        return [];
      }
      case 'stop':
        world.stopped.add(command.group);
        return [];
      case 'start':
        world.stopped.delete(command.group);
        return [];
      case 'pass':
        await this.#setClock(this.#now + command.ms);
        return [];
      case 'stepBack':
        await this.#setClock(this.#now - command.ms);
        return [];
      case 'passDeadline':
        await this.#setClock(nextDeadline(world, this.#now, command.dice));
        return [];
      case 'passRetention':
        await this.#setClock(nextRetention(world, this.#now, command.dice));
        return [];
      case 'drain':
      case 'run':
      case 'handBack':
      case 'handle':
      case 'fail':
      case 'bury':
      case 'redrive':
      case 'copy':
      case 'wakeUp':
      case 'sweepOverdue':
      case 'forget':
        await run(command, world);
        return [];
    }
  }
}

/** The very moment of an open order's deadline, or one millisecond before it. */
function nextDeadline({ shadow }: PartitionWorld, now: number, seed: number): number {
  const dice = new Dice(seed);
  const open = [...shadow.orders.values()].filter(({ order, due }) => order === 'PENDING' && due > now + 1);
  return (dice.oneOf(open)?.due ?? now + DEADLINE_MS) - dice.below(2);
}

/** The very moment when the retention of a settled order is over, or one millisecond before it. */
function nextRetention({ shadow }: PartitionWorld, now: number, seed: number): number {
  const dice = new Dice(seed);
  const kept = [...shadow.orders.values()].filter(({ order, due }) => order !== 'none' && due + RETENTION_MS > now + 1);
  return (dice.oneOf(kept)?.due ?? now) + RETENTION_MS - dice.below(2);
}

type ServiceCommand = Extract<
  Command,
  {
    do:
      | 'drain'
      | 'run'
      | 'handBack'
      | 'handle'
      | 'fail'
      | 'bury'
      | 'redrive'
      | 'copy'
      | 'wakeUp'
      | 'sweepOverdue'
      | 'forget';
  }
>;

async function run(command: ServiceCommand, world: PartitionWorld): Promise<unknown> {
  const isAway = 'group' in command && world.stopped.has(command.group);
  if (isAway) return;
  switch (command.do) {
    case 'drain':
      return world.drain(command.group, command.count);
    case 'run':
      return runAll(world, command.wakeUps);
    case 'handBack':
      return world.handBack(command.group, command.count);
    case 'handle':
      return world.handle(command.group, command.count, command.dice);
    case 'fail':
      return world.fail(command.group, command.dice);
    case 'bury':
      return world.bury(command.group, command.dice);
    case 'redrive':
      return world.redrive(command.dice);
    case 'copy':
      return world.copy(command.count, command.dice);
    case 'wakeUp':
      return world.wakeUp();
    case 'sweepOverdue':
      return world.sweepOverdue();
    case 'forget':
      return world.forget();
  }
}

/** The services that are not stopped do what they do by themselves until none of them finds anything. */
async function runAll(world: PartitionWorld, wakeUps: boolean): Promise<number> {
  let all = 0;
  for (let done = 1; done > 0; all += done) {
    done = 0;
    for (const group of GROUPS) if (!world.stopped.has(group)) done += await world.drain(group);
    if (wakeUps && !world.stopped.has('deadline')) done += await world.wakeUp();
  }
  return all;
}

/** Everything that waits is done: handed-back entries, dead letters, deadlines; whether it came to an end. */
async function untilQuiet(world: PartitionWorld): Promise<boolean> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    let done = await runAll(world, true);
    for (const group of GROUPS) done += await world.handle(group, Number.POSITIVE_INFINITY, round);
    done += await world.sweepOverdue();
    if (await world.redrive(round)) done += 1;
    if (done === 0) return true;
  }
  return false;
}

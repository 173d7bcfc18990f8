import { isEvent, outcomeOf, type Row, subscriptions, type TransitionTable } from 'common/transitions/table';
import { expect } from 'vitest';
import { withoutIds } from '../kit/keyspace.ts';
import { type Cell, rowOf, type Way, waysOf } from './cellPlan.ts';
import { expectEffect } from './expectEffect.ts';
import type { Delivered, World } from './world.ts';

/** Runs cells of one service's table and remembers which rows were reached. */
export class CellRuns {
  readonly #world: World;
  readonly #table: TransitionTable;
  readonly #reached = new Set<string>();
  readonly #byDrain = new Map<Cell, unknown>();
  /** Deliveries whose whole effect was compared. */
  count = 0;

  constructor(world: World) {
    this.#world = world;
    this.#table = world.fixture.actor.table;
  }

  /** Once, again as the same entry, and again as a copy: a new entry with the same fields. */
  async run(cell: Cell, way: Way): Promise<void> {
    const world = this.#world;
    const { on, guardCase, row } = cell;
    await world.before(cell);
    const id = way === 'command' ? '' : await world.publish(on, guardCase);
    const deliver = (entry: string) => () => (way === 'command' ? world.command(on) : world.deliver(entry, way));
    const after = await this.#expectRow(cell, way, row, id, deliver(id));
    this.#compareWays(cell, way, withoutIds(after, world.log));

    const next = { ...cell, from: row?.to ?? cell.from };
    const nextRow = rowOf(this.#table, next.from, on, cell.guard);
    expect(nextRow?.emits ?? nextRow?.to ?? next.from, 'a second delivery must be harmless').toBe(next.from);
    if (way === 'command') return void (await this.#expectRow(next, way, nextRow, '', deliver('')));
    await this.#expectSameAgain(next, way, nextRow, id);
    const copy = await world.publish(on, guardCase);
    await this.#expectRow(next, way, nextRow, copy, deliver(copy));
  }

  /** Rows, each with a way into it, that no run has reached. */
  unreached(): string[] {
    const rows = this.#table.rows.flatMap((row) => waysOf(row.on).map((way) => `${way} ${outcomeOf(row)}`));
    return rows.filter((row) => !this.#reached.has(row));
  }

  /** Both ways lead into the same transition: what they leave behind is the same to the last field. */
  #compareWays(cell: Cell, way: Way, left: unknown): void {
    if (way === 'drain') this.#byDrain.set(cell, left);
    if (way === 'handle') expect(left).toEqual(this.#byDrain.get(cell));
  }

  /** Delivers, and asserts that what happened is the row: outcome, effect, nothing left pending. */
  async #expectRow(cell: Cell, way: Way, row: Row | undefined, id: string, deliver: () => Promise<Delivered>) {
    const world = this.#world;
    const before = await world.dump();
    const delivered = await deliver();
    const after = await world.dump();
    if (isEvent(cell.on)) expect(delivered).toMatchObject(this.#expectedAnswer(cell, row));
    await expectEffect(world, row, { id, now: cell.guardCase.now(world) }, { before, after });
    expect(await world.pending()).toBe(0);
    if (row) this.#reached.add(`${way} ${outcomeOf(row)}`);
    this.count += 1;
    return after;
  }

  #expectedAnswer({ on, from }: Cell, row: Row | undefined): Partial<Delivered> {
    if (row) return { word: 'DONE', outcome: outcomeOf(row) };
    const passed = isEvent(on) && !subscriptions(this.#table).includes(on);
    return passed ? { word: 'PASSED', outcome: undefined } : { word: 'DONE', outcome: `${on}|${from}|${from}|` };
  }

  /** The same entry once more: to the consumer that comes second, handed back again, read again after a lost group. */
  async #expectSameAgain(next: Cell, way: Way, row: Row | undefined, id: string): Promise<void> {
    const world = this.#world;
    if (way === 'drain') {
      await world.rewindTo(id);
      await this.#expectRow(next, way, row, id, () => world.deliver(id, way));
      return;
    }
    const before = await world.dump();
    expect(await world.handleAgain(id)).toMatchObject({ word: 'DUPLICATE' });
    expect(await world.dump()).toEqual(before);
    await this.#expectRow(next, way, row, id, () => world.handle(id));
  }
}

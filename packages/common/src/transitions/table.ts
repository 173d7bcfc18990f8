import { EVENT_TYPES, type EventType } from 'common/events/catalog';

/** The state of an entity that has no record yet. */
export type None = 'none';

/**
 * One row: in state `from`, on `on`, where the guard `when` holds, the entity becomes `to`.
 * What it leaves in the log is at most one of: an event (`emits`), a note in the order's index (`notes`),
 * a dead letter (`dead`).
 */
export type Row<S extends string = string, T extends string = string, G extends string = string> = {
  on: T;
  from: S | None;
  when?: G;
  to: S | None;
  emits?: EventType;
  notes?: string;
  dead?: string;
};

export type TransitionTable<R extends readonly Row[] = readonly Row[]> = {
  /** The consumer group that this table belongs to. */
  actor: string;
  /** What the states are states of; the readable part of its keys. */
  entity: string;
  states: readonly string[];
  /** Triggers that are no events: a request, a sweep, a wake-up, each with what sets it off. */
  commands: Readonly<Record<string, string>>;
  /** Every guard by name, in words a reader understands. */
  guards: Readonly<Record<string, string>>;
  rows: R;
  /** Events that are retried for ever: giving one up would leave half an order behind. */
  compensations: readonly EventType[];
};

/**
 * Declares what one service does: pure data. Types, subscriptions, the tests of every cell, the diagrams and the
 * explorer's next-state relation come from it; the Lua scripts decide, and their wrappers assert that the answer is a row.
 * A pair of state and trigger that no row names changes nothing and is acknowledged.
 * The idea of one declared decision table is Emmett's decider, kept as data instead of functions.
 *
 * @throws RangeError where a row names a state, guard or trigger that is not declared, leaves more than one thing in the
 *   log, or says of a state, trigger and guard what another row has said
 */
export function transitionTable<
  const S extends string,
  const G extends string,
  const C extends Readonly<Record<string, string>>,
  const R extends readonly Row<S, EventType | (keyof C & string), G>[],
>(table: {
  actor: string;
  entity: string;
  states: readonly S[];
  commands: C;
  guards: Readonly<Record<G, string>>;
  rows: R;
  compensations: readonly EventType[];
}): TransitionTable<R> {
  const states = new Set<string>(['none', ...table.states]);
  for (const row of table.rows) {
    const known = isEvent(row.on) || row.on in table.commands;
    if (!known) throw new RangeError(`${table.actor}: no trigger ${row.on}`);
    if (!states.has(row.from) || !states.has(row.to)) throw new RangeError(`${table.actor}: ${row.from} -> ${row.to}`);
    if (row.when !== undefined && !(row.when in table.guards)) throw new RangeError(`${table.actor}: no ${row.when}`);
  }
  refuseAmbiguous(table);
  return table;
}

/** A cell has one row at most, and a row leaves one thing at most; a note is one word among others in the index. */
function refuseAmbiguous({ actor, rows }: Pick<TransitionTable, 'actor' | 'rows'>): void {
  for (const [i, { on, from, when, emits, notes, dead }] of rows.entries()) {
    const said = rows.slice(0, i).filter((other) => other.on === on && other.from === from);
    const twice = said.some((other) => (other.when ?? when) === (when ?? other.when));
    if (twice) throw new RangeError(`${actor}: ${on} from ${from} twice`);
    const left = [emits, notes, dead].filter((each) => each !== undefined);
    if (left.length > 1) throw new RangeError(`${actor}: ${on} from ${from} leaves more than one: ${left.join(', ')}`);
    if (left.some((each) => !/^\w+$/.test(each))) throw new RangeError(`${actor}: ${left.join()} is not one word`);
  }
}

export const isEvent = (trigger: string): trigger is EventType => (EVENT_TYPES as string[]).includes(trigger);

/** The events that the rows of a table name: a type, so that a script that is missing for one does not compile. */
export type SubscribedEvent<T extends TransitionTable> = Extract<T['rows'][number]['on'], EventType>;

/** The events that an actor does something with; all others pass it by. */
export function subscriptions(table: TransitionTable): EventType[] {
  return [...new Set(table.rows.map((row) => row.on))].filter(isEvent);
}

/**
 * How a script names what it did: trigger, state before, state after, what it left in the log.
 * `OrderCreated|none|EXCHANGED|ExchangeSucceed`; nothing left and nothing changed is an ignored trigger.
 */
export function outcomeOf(row: Pick<Row, 'on' | 'from' | 'to' | 'emits' | 'notes' | 'dead'>): string {
  return [row.on, row.from, row.to, row.emits ?? row.notes ?? row.dead ?? ''].join('|');
}

export type Outcome = { on: string; from: string; to: string; left: string };

/**
 * Makes the assertion that ties the hand-written scripts to the table: what a script answers is a row, or a trigger that
 * was passed by without a change.
 */
export function outcomeReader(table: TransitionTable): (outcome: string) => Outcome {
  const rows = new Set(table.rows.map(outcomeOf));
  return (outcome) => {
    const [on = '', from = '', to = '', left = ''] = outcome.split('|');
    const ignored = from === to && left === '';
    if (!ignored && !rows.has(outcome))
      throw new Error(`${table.actor} answered ${outcome}, which is no row of its table`);
    return { on, from, to, left };
  };
}

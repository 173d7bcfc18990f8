import { EVENT_TYPES } from 'common/events/catalog';
import { isEvent, type Row, type TransitionTable } from 'common/transitions/table';
import type { CellFixture, GuardCase } from './cellFixture.ts';

/** One square of the table: a state, a trigger, and one way to make a guard true. `row` is absent where none is listed. */
export type Cell = { from: string; on: string; guard: string; guardCase: GuardCase; row: Row | undefined };

/** A trigger that no guard concerns comes early, just before, at and just after the deadline: nothing may depend on it. */
const ANY_TIME: readonly GuardCase[] = [
  { name: 'early', now: ({ createdAt }) => createdAt + 10 },
  { name: '1 ms before the deadline', now: ({ deadline }) => deadline - 1 },
  { name: 'at the deadline', now: ({ deadline }) => deadline },
  { name: 'after the deadline', now: ({ deadline }) => deadline + 1 },
];

const UNGUARDED = 'any time';

/** Every state x every event and command x every case of every guard that the trigger's rows name. */
export function cellsOf(fixture: CellFixture, table: TransitionTable): Cell[] {
  const triggers = [...EVENT_TYPES, ...Object.keys(table.commands)];
  return ['none', ...table.states].flatMap((from) =>
    triggers.flatMap((on) =>
      casesOfTrigger(fixture, table, on).map(({ guard, guardCase }) => ({
        ...{ from, on, guard, guardCase },
        row: rowOf(table, from, on, guard),
      })),
    ),
  );
}

/** The row for a state and trigger while a guard holds, or undefined where the trigger is ignored. */
export function rowOf(table: TransitionTable, from: string, on: string, guard: string): Row | undefined {
  return table.rows.find((row) => row.from === from && row.on === on && (row.when ?? guard) === guard);
}

const OTHERWISE = 'otherwise';

function casesOfTrigger(fixture: CellFixture, table: TransitionTable, on: string) {
  const known = table.rows.some((row) => row.on === on);
  const named = guardsOf(table, on).flatMap((guard) =>
    casesOf(fixture, guard, known).map((guardCase) => ({ guard, guardCase })),
  );
  const others = fixture.otherwise?.[on] ?? [];
  return [...named, ...others.map((guardCase) => ({ guard: OTHERWISE, guardCase }))];
}

function guardsOf(table: TransitionTable, on: string): string[] {
  const named = table.rows.flatMap((row) => (row.on === on && row.when !== undefined ? [row.when] : []));
  return named.length > 0 ? [...new Set(named)] : [UNGUARDED];
}

/** An event that no row names passes by at any time alike: one moment will do. */
function casesOf(fixture: CellFixture, guard: string, known = true): readonly GuardCase[] {
  if (guard === UNGUARDED) return known ? ANY_TIME : ANY_TIME.slice(0, 1);
  const cases = fixture.guards[guard];
  if (!cases?.[0]) throw new Error(`the fixture of ${fixture.service} says nothing of the guard ${guard}`);
  return cases;
}

/** A step on the way to a state: what triggers it, and under which guard. */
export type Step = { on: string; guardCase: GuardCase; row: Row };

/** The shortest way to each state along the rows of the table, from no record at all. */
export function pathsOf(fixture: CellFixture, table: TransitionTable): ReadonlyMap<string, readonly Step[]> {
  const paths = new Map<string, readonly Step[]>([['none', []]]);
  for (const [state, steps] of paths) {
    for (const row of table.rows) {
      if (row.from !== state || paths.has(row.to)) continue;
      const [guardCase] = casesOf(fixture, row.when ?? guardsOf(table, row.on)[0] ?? UNGUARDED);
      if (guardCase) paths.set(row.to, [...steps, { on: row.on, guardCase, row }]);
    }
  }
  const unreached = table.states.filter((state) => !paths.has(state));
  if (unreached.length > 0) throw new Error(`no rows of ${fixture.service} lead to ${unreached.join(', ')}`);
  return paths;
}

/** Both ways into a transition for an event; a command is run as itself. */
export const waysOf = (on: string): readonly Way[] => (isEvent(on) ? ['drain', 'handle'] : ['command']);

export type Way = 'drain' | 'handle' | 'command';

import type { Group } from 'common/events/keys';
import * as fc from 'fast-check';
import { anyCommand, type Command, currency, dice, partition, RETENTION_MS, STEP_BACK_MS_MAX } from './command.ts';

/** Chapters of a story; with what is drawn here it has up to some 300 commands. */
const CHAPTERS_MAX = 200;
const ALL = 200;
const PLACE_COUNT_MAX = 20;

const placed = fc.record({ partition, count: fc.integer({ min: 1, max: PLACE_COUNT_MAX }), currency, dice });
const stepBackMs = fc.integer({ min: 1, max: STEP_BACK_MS_MAX });

type Placed = { partition: number; count: number; currency: number; dice: number };
type Part = Command extends infer C ? (C extends Command ? Omit<C, 'partition'> : never) : never;

const inOne = ({ partition: index }: Placed, parts: readonly Part[]): Command[] =>
  parts.map((part) => ({ partition: index, ...part }) as Command);

const place = ({ count, currency: of, dice: by }: Placed): Part => ({ do: 'place', count, currency: of, dice: by });
const runAll: Part = { do: 'run', wakeUps: true };

/** Lets the actions of a group's next orders wait, while all the other services go on. */
const upTo = (group: Actor, from: Placed): Part[] => [
  runAll,
  place(from),
  ...ACTORS.slice(0, ACTORS.indexOf(group)).map(drain),
  { do: 'handBack', group, count: ALL },
];

/** In the order in which an order goes through them. */
const ACTORS = ['exchange', 'point', 'order'] as const;
type Actor = (typeof ACTORS)[number];
const actor = fc.constantFrom(...ACTORS);
const drain = (group: Group): Part => ({ do: 'drain', group, count: ALL });

/** A compensation overtakes its action, and a clock that steps back makes the action look as if it were in time. */
const overtaken = fc
  .tuple(placed, actor, stepBackMs)
  .map(([from, group, ms]) =>
    inOne(from, [
      ...upTo(group, from),
      { do: 'passDeadline', dice: from.dice },
      runAll,
      { do: 'stepBack', ms },
      { do: 'handle', group, count: ALL, dice: from.dice },
    ]),
  );

/** Some services do their part in time, the next one just before or at the deadline; then all of it comes once more. */
const justInTime = fc.tuple(placed, fc.nat(2)).map(([from, chosen]) => {
  const drains = ACTORS.map(drain);
  const late: Part = { do: 'passDeadline', dice: from.dice };
  const again: Part = { do: 'copy', count: 10, dice: from.dice };
  return inOne(from, [
    ...[runAll, place(from), ...drains.slice(0, chosen), late, ...drains.slice(chosen)],
    ...[runAll, again, runAll],
  ]);
});

/** Orders in a currency that is suspended, or that costs next to nothing. */
const unpriced = fc
  .tuple(placed, fc.boolean())
  .map(([from, suspended]) =>
    inOne(from, [
      { do: 'setRate', currency: from.currency, millionths: Number(suspended), suspended },
      place(from),
      runAll,
      { do: 'setRate', currency: from.currency, millionths: 1_000_000, suspended: false },
    ]),
  );

/** Actions fail until they are dead letters, and are sent again when their orders are settled, or even forgotten. */
const buried = fc
  .tuple(placed, actor, fc.boolean())
  .map(([from, group, forgotten]) =>
    inOne(from, [
      ...upTo(group, { ...from, count: 1 + (from.count % 4) }),
      ...[1, 2, 3, 4].map((by): Part => ({ do: 'bury', group, dice: from.dice + by })),
      { do: 'passDeadline', dice: from.dice },
      runAll,
      ...(forgotten ? forgetting(group, from) : []),
      ...[1, 2, 3, 4].map((by): Part => ({ do: 'redrive', dice: from.dice + by })),
    ]),
  );

/** What has waited is handled after the retention, when the rest may have been forgotten: a stale compensation among it. */
const forgotten = fc
  .tuple(placed, fc.constantFrom<Group>('order', 'exchange', 'point', 'deadline'))
  .map(([from, group]) =>
    inOne(from, [
      runAll,
      place(from),
      { do: 'stop', group },
      { do: 'run', wakeUps: true },
      { do: 'passDeadline', dice: from.dice },
      { do: 'sweepOverdue' },
      runAll,
      ...forgetting(group, from),
      { do: 'start', group },
      { do: 'copy', count: 10, dice: from.dice },
      runAll,
    ]),
  );

function forgetting(group: Group, { dice: by }: Placed): Part[] {
  return [
    { do: 'pass', ms: RETENTION_MS / 2 },
    { do: 'fail', group, dice: by },
    { do: 'handle', group, count: ALL, dice: by },
    { do: 'copy', count: 10, dice: by },
    { do: 'passRetention', dice: by },
    { do: 'forget' },
    { do: 'pass', ms: RETENTION_MS },
    { do: 'copy', count: 10, dice: by },
    { do: 'forget' },
  ];
}

/**
 * Stories of commands, and among them the beginnings of what is rare where every command is drawn by itself: an action that
 * is overtaken by its compensation, one that is a dead letter for longer than its order is kept.
 */
export const stories: fc.Arbitrary<Command[]> = fc
  .array(
    fc.oneof(
      { weight: 80, arbitrary: anyCommand.map((command) => [command]) },
      { weight: 1, arbitrary: overtaken },
      { weight: 1, arbitrary: justInTime },
      { weight: 1, arbitrary: unpriced },
      { weight: 1, arbitrary: buried },
      { weight: 1, arbitrary: forgotten },
    ),
    { maxLength: CHAPTERS_MAX, size: 'max' },
  )
  .map((chapters) => chapters.flat());

/** Any commands at all: what fast-check makes a story shorter by. */
export const anyCommands: fc.Arbitrary<Command[]> = fc.array(anyCommand, { maxLength: 4 * CHAPTERS_MAX, size: 'max' });

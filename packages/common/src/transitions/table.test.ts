import { expect, test } from 'vitest';
import { outcomeOf, outcomeReader, type Row, subscriptions, transitionTable } from './table.ts';

// Goal: a table that says something impossible or ambiguous does not start. Method: one good table, spoiled in one place.
const rows = [
  { on: 'OrderCreated', from: 'none', when: 'early', to: 'MADE', emits: 'ExchangeSucceed' },
  { on: 'OrderCreated', from: 'none', when: 'late', to: 'none', notes: 'EXPIRED' },
  { on: 'OrderRejected', from: 'MADE', to: 'UNDONE' },
  { on: 'sweep', from: 'UNDONE', to: 'none' },
] as const satisfies Row[];

/** A table whose rows are not checked by the compiler, as one that somebody got wrong with a cast. */
const tableOf = (...more: Row[]) =>
  transitionTable({
    actor: 'exchange',
    entity: 'parcel',
    states: ['MADE', 'UNDONE'],
    commands: { sweep: 'a timer' },
    guards: { early: 'now < deadline', late: 'now >= deadline' },
    rows: [...rows, ...(more as (typeof rows)[number][])],
    compensations: ['OrderRejected'],
  });

test.each<[string, Row, string]>([
  ['an unknown state before', { on: 'OrderRejected', from: 'LOST', to: 'UNDONE' }, 'exchange: LOST -> UNDONE'],
  ['an unknown state after', { on: 'OrderRejected', from: 'none', to: 'LOST' }, 'exchange: none -> LOST'],
  ['an unknown trigger', { on: 'OrderDreamtOf', from: 'none', to: 'MADE' }, 'exchange: no trigger OrderDreamtOf'],
  ['an unknown guard', { on: 'OrderRejected', from: 'none', when: 'full', to: 'MADE' }, 'exchange: no full'],
  ['the same row twice', { on: 'OrderRejected', from: 'MADE', to: 'none' }, 'exchange: OrderRejected from MADE twice'],
  ['a guarded row beside one for any', { on: 'OrderRejected', from: 'MADE', when: 'late', to: 'none' }, 'twice'],
  ['one for any beside guarded ones', { on: 'OrderCreated', from: 'none', to: 'UNDONE' }, 'twice'],
  [
    'an event and a note',
    { on: 'sweep', from: 'MADE', to: 'MADE', emits: 'ExchangeFailed', notes: 'X' },
    'more than one',
  ],
  ['a note of two words', { on: 'sweep', from: 'MADE', to: 'MADE', notes: 'TOO LATE' }, 'TOO LATE'],
])('%s is refused', (_, row, message) => {
  expect(() => tableOf(row)).toThrow(RangeError);
  expect(() => tableOf(row)).toThrow(message);
});

test('the triggers that are events are what it subscribes to, once each', () => {
  expect(subscriptions(tableOf())).toEqual(['OrderCreated', 'OrderRejected']);
});

test('an outcome names the trigger, both states and what was left', () => {
  expect(rows.map((row: Row) => outcomeOf(row))).toEqual([
    'OrderCreated|none|MADE|ExchangeSucceed',
    'OrderCreated|none|none|EXPIRED',
    'OrderRejected|MADE|UNDONE|',
    'sweep|UNDONE|none|',
  ]);
});

test('what a script answers is a row, or nothing has changed', () => {
  const read = outcomeReader(tableOf());
  expect(read('OrderCreated|none|MADE|ExchangeSucceed')).toEqual({
    ...{ on: 'OrderCreated', from: 'none', to: 'MADE', left: 'ExchangeSucceed' },
  });
  expect(read('OrderRejected|UNDONE|UNDONE|')).toMatchObject({ from: 'UNDONE', to: 'UNDONE', left: '' });
  for (const wrong of ['OrderCreated|none|MADE|', 'OrderRejected|UNDONE|MADE|', 'OrderCreated|none|none|LATE', 'x|y']) {
    expect(() => read(wrong)).toThrow('no row of its table');
  }
});

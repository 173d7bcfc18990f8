import { EVENT_TYPES, PUBLISHERS } from 'common/events/catalog';
import { GROUPS } from 'common/events/keys';
import { subscriptions } from 'common/transitions/table';
import { deadlineActor } from 'deadline/actor';
import { exchangeActor } from 'exchange/actor';
import { orderActor } from 'order/actor';
import { pointActor } from 'point/actor';
import { expect, test } from 'vitest';

// Goal: the catalog says who publishes what, and the tables do it. Method: the rows of all tables.
const actors = [orderActor, exchangeActor, pointActor, deadlineActor];
const tables = actors.map(({ table }) => table);
const emitted = tables.flatMap(({ actor, rows }) =>
  rows.flatMap((row) => ('emits' in row && row.emits !== undefined ? [{ event: row.emits, actor }] : [])),
);

test('every event is emitted by the service that the catalog names, and by no other', () => {
  expect(Object.fromEntries(emitted.map(({ event, actor }) => [event, actor]))).toEqual(PUBLISHERS);
  expect(emitted.filter(({ event, actor }) => PUBLISHERS[event] !== actor)).toEqual([]);
  expect(Object.keys(PUBLISHERS)).toEqual(EVENT_TYPES);
});

test('nobody reacts to its own events: a drain never feeds itself', () => {
  const own = tables.flatMap((table) => subscriptions(table).filter((event) => PUBLISHERS[event] === table.actor));
  expect(own).toEqual([]);
});

test('each table belongs to the group that runs it, and every group has one', () => {
  expect(actors.map(({ group, table }) => [group, table.actor])).toEqual(GROUPS.map((group) => [group, group]));
});

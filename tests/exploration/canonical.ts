import { createHash } from 'node:crypto';
import { compareIds } from 'common/log/logEntry';
import { DUE_MS, RETENTION_MOMENT } from './moments.ts';
import type { Budget } from './move.ts';
import { concerns, type Seen, type SeenEntry, type SeenOrder, unreadOf } from './seen.ts';

/**
 * Which states are the same, whatever is left of the budget: stream ids are Redis' own and differ from run to run, so
 * entries count by what they say. An entry that every group has passed matters only as something that may still be copied,
 * and one that a group has no transition for does not matter to it at all: passing it changes nothing that anything else
 * could see.
 */
export function stateKey(partitions: readonly Seen[], budget: Budget, history: readonly unknown[]): string {
  const text = JSON.stringify([partitions.map((seen) => stateOf(seen, budget)), history]);
  return createHash('sha1').update(text).digest('base64url');
}

function stateOf(seen: Seen, budget: Budget): unknown {
  const names = new Map(seen.log.map((entry) => [entry.id, contentOf(entry)]));
  const sweeps = budget.lastMoment >= RETENTION_MOMENT;
  const lastIds = sweeps ? seen.orders.map(({ index }) => index.findLast((item) => names.has(item))) : [];
  const name = (id: string) => `${names.get(id) ?? '(trimmed)'}${heldBack(id, lastIds)}`;
  const groups = seen.groups.map((group) => [
    unreadOf(group, seen.log)
      .filter((entry) => concerns(group.name, entry))
      .map(({ id }) => name(id)),
    group.pending.map(name).sort(),
  ]);
  return [
    seen.now,
    groups,
    budget.copies > 0 ? [...new Set(names.values())].sort() : [],
    seen.dead.map((letter) => [letter.fields['dead.group'], letter.fields['dead.reason'], contentOf(letter)]).sort(),
    seen.orders.map(orderState),
    [seen.account.point, seen.account.used, seen.account.usedArchived],
    sweeps ? sweepable(seen) : [],
    seen.rates,
    Object.entries(seen.memory).map(([key, value]) => [names.get(key) ?? key, names.get(value) ?? value]),
  ];

  function orderState({ order, exchange, transaction, deadline, index }: SeenOrder): unknown {
    // Once its events have left the log, an order may be forgotten.
    const kept = index.some((id) => names.has(id));
    const statuses = [order.status, exchange.status, transaction.status, deadline.status];
    const moments = [order.deadline, deadline.deadline].map((at) => at !== undefined && Number(at) - DUE_MS);
    return [...statuses, exchange.point, transaction.point, ...moments, index.length > 0, kept];
  }
}

/**
 * The log is trimmed up to the oldest entry that somebody still needs: it matters which orders' last events that one holds
 * back. Those of its own order it does, but for a copy that came before them.
 */
const heldBack = (id: string, lastIds: readonly (string | undefined)[]) =>
  lastIds.map((last, i) => (last !== undefined && compareIds(last, id) < 0 ? ` <${i}` : '')).join('');

/** A record is found by its sweep when its time in the index is past the retention, not before. */
const sweepable = (seen: Seen) => [
  seen.orders.map(({ exchange, transaction }) => [exchange.at, transaction.at].map((at) => Number(at) <= DUE_MS)),
  Object.entries(seen.closed)
    .map(([member, at]) => [member, Number(at) <= DUE_MS])
    .sort(),
];

const contents = new WeakMap<SeenEntry['fields'], string>();

/** What an entry says, without when it was said and what caused it. */
export function contentOf({ fields }: SeenEntry): string {
  const known = contents.get(fields);
  if (known !== undefined) return known;
  const { eventType, orderId, reason, point, pointUsed, deadline } = fields;
  const other = deadline === undefined || Number(deadline) === DUE_MS ? undefined : `due ${Number(deadline) - DUE_MS}`;
  const content = [eventType, orderId, reason, point, pointUsed, other].filter((part) => part !== undefined).join(' ');
  contents.set(fields, content);
  return content;
}

/** Whether nothing can be done with what is left in `other` that cannot be done with what is left in `budget`. */
export const covers = (budget: Budget, other: Budget): boolean =>
  budget.copies >= other.copies &&
  budget.stepsBack >= other.stepsBack &&
  budget.deadLetters >= other.deadLetters &&
  budget.handBacks >= other.handBacks &&
  budget.redrives >= other.redrives;

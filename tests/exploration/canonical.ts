import { createHash } from 'node:crypto';
import type { Budget } from './moves.ts';
import { concerns, type Seen, type SeenEntry, unreadOf } from './world.ts';

/**
 * Which states are the same: stream ids are Redis' own and differ from run to run, so entries count by what they say. An
 * entry that every group has passed matters only as something that may still be copied, and one that a group has no
 * transition for does not matter to it at all: passing it changes nothing that anything else could see.
 */
export function stateKey(partitions: readonly Seen[], budget: Budget, counters: readonly unknown[]): string {
  const text = JSON.stringify([partitions.map((seen) => stateOf(seen, budget)), budget, counters]);
  return createHash('sha1').update(text).digest('base64url');
}

function stateOf(seen: Seen, budget: Budget): unknown {
  const names = new Map(seen.log.map((entry) => [entry.id, contentOf(entry)]));
  const name = (id: string) => names.get(id) ?? '(trimmed)';
  const groups = seen.groups.map((group) => [
    unreadOf(group, seen.log)
      .filter((entry) => concerns(group.name, entry))
      .map(contentOf),
    group.pending.map(name).sort(),
  ]);
  const copyable = budget.copies > 0 ? [...new Set(names.values())].sort() : [];
  return [
    seen.now,
    groups,
    copyable,
    seen.dead.map((letter) => [letter.fields['dead.group'], letter.fields['dead.reason'], contentOf(letter)]).sort(),
    seen.orders.map(({ order, exchange, transaction, deadline, index }) => [
      order.status,
      exchange.status,
      transaction.status,
      deadline.status,
      index.length > 0,
      // Once its events have left the log, an order may be forgotten.
      index.some((id) => names.has(id)),
    ]),
    [seen.account.point, seen.account.used, seen.account.usedArchived],
    seen.pending,
    seen.due,
  ];
}

/** What an entry says, without when it was said and what caused it. */
export function contentOf({ fields }: SeenEntry): string {
  const { eventType, orderId, reason, point, pointUsed } = fields;
  return [eventType, orderId, reason, point, pointUsed].filter((part) => part !== undefined).join(' ');
}

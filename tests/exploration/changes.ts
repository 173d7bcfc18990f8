import { contentOf } from './canonical.ts';
import { CLOCK } from './moments.ts';
import type { Seen, SeenOrder } from './seen.ts';

const PARTS = ['order', 'exchange', 'transaction', 'deadline'] as const;

/** What a step has changed in one partition, a line each, for a person to follow. */
export function changesBetween(before: Seen, after: Seen): string[] {
  const known = new Set([...before.log, ...before.dead].map(({ id }) => id));
  const isNew = ({ id }: { id: string }) => !known.has(id);
  const trimmed = before.log.length - after.log.filter((entry) => !isNew(entry)).length;
  return [
    ...after.orders.flatMap((order, i) =>
      recordChanges(before.orders[i], order, after.orders.length > 1 ? ` ${i + 1}` : ''),
    ),
    ...fieldChanges('account', before.account, after.account, ['point', 'used', 'usedArchived']),
    ...fieldChanges('in memory:', before.memory, after.memory, Object.keys({ ...before.memory, ...after.memory })),
    ...after.log.filter(isNew).map((entry) => `log: ${contentOf(entry)}`),
    ...after.dead.filter(isNew).map((letter) => `dead letter: ${contentOf(letter)} of ${letter.fields['dead.group']}`),
    ...(trimmed > 0 ? [`log: ${trimmed} entries trimmed away`] : []),
    ...after.groups.flatMap((group, i) =>
      pendingChanges(after, group.name, before.groups[i]?.pending ?? [], group.pending),
    ),
  ];
}

function recordChanges(before: SeenOrder | undefined, after: SeenOrder, number: string): string[] {
  return PARTS.flatMap((part) => {
    const [from = 'none', to = 'none'] = [before?.[part].status, after[part].status];
    return from === to ? [] : [`${part}${number}: ${from} -> ${to}`];
  });
}

function fieldChanges(
  what: string,
  before: Seen['account'],
  after: Seen['account'],
  names: readonly string[],
): string[] {
  return names.flatMap((name) =>
    before[name] === after[name] ? [] : [`${what} ${name}: ${before[name] ?? 'none'} -> ${after[name] ?? 'none'}`],
  );
}

function pendingChanges({ log }: Seen, group: string, before: readonly string[], after: readonly string[]): string[] {
  const said = (id: string) => contentOf(log.find((entry) => entry.id === id) ?? { id, fields: { eventType: id } });
  return [
    ...after.filter((id) => !before.includes(id)).map((id) => `pending at ${group}: ${said(id)}`),
    ...before.filter((id) => !after.includes(id)).map((id) => `no longer pending at ${group}: ${said(id)}`),
  ];
}

/** All of one partition in a few lines, for a replay. */
export function stateLines(seen: Seen): string[] {
  const moment = CLOCK.find(({ ms }) => ms === seen.now)?.name ?? String(seen.now);
  const orders = seen.orders.map((order, i) => {
    const parts = PARTS.map((part) => `${part} ${order[part].status ?? 'none'}`);
    return `order ${i + 1}: ${parts.join(', ')}`;
  });
  const { point = '0', used = '0', usedArchived = '0' } = seen.account;
  const pending = seen.groups.flatMap(({ name, pending }) => (pending.length > 0 ? [`${name} ${pending.length}`] : []));
  return [
    `clock: ${moment}`,
    ...orders,
    `account: ${point} left, ${used} used, ${usedArchived} of it archived`,
    `log: ${seen.log.map(contentOf).join(', ')}`,
    ...(pending.length > 0 ? [`pending: ${pending.join(', ')}`] : []),
    ...(seen.dead.length > 0 ? [`dead letters: ${seen.dead.map(contentOf).join(', ')}`] : []),
  ];
}

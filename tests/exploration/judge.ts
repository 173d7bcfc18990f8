import { compareIds } from 'common/log/logEntry';
import { OVERDUE_MS } from 'order/scripts/sweepPending';
import { contentOf } from './canonical.ts';
import { judgeIndexes } from './judgeIndexes.ts';
import { DUE_MS, RETENTION_MS } from './moments.ts';
import type { Scene } from './scene.ts';
import type { Seen, SeenOrder } from './seen.ts';

/** What a path remembers of an order: how often it was settled, its points taken and given back, and how it was settled. */
export type History = { settled: number; taken: number; back: number; verdict: string };

export const UNSETTLED: History = { settled: 0, taken: 0, back: 0, verdict: '' };

const settled = (status: string | undefined) => status !== undefined && status !== 'PENDING';

/** Whether this clock has reached the deadline. */
export const hasPassedDeadline = (seen: readonly Seen[]) => seen.some(({ now }) => now >= DUE_MS);

/** What one step may not do, whatever the state: I1, I3, I4, I8. The histories after the step come back with it. */
export function judgeStep(
  before: readonly Seen[],
  after: readonly Seen[],
  histories: readonly (readonly History[])[],
  late: boolean,
) {
  const judged = after.map((seen, part) => {
    return seen.orders.map((_, i) =>
      judgeOrder(before[part] ?? seen, seen, i, histories[part]?.[i] ?? UNSETTLED, late),
    );
  });
  const lost = after.flatMap((seen, part) => trimmedTooSoon(before[part] ?? seen, seen));
  return {
    broken: [...judged.flatMap((orders) => orders.flatMap(({ broken }) => broken)), ...lost],
    histories: judged.map((orders) => orders.map(({ history }) => history)),
  };
}

function judgeOrder(before: Seen, after: Seen, i: number, history: History, late: boolean) {
  const [was, is] = [before.orders[i], after.orders[i]];
  if (!was || !is) return { broken: [], history };
  const name = `order ${i + 1}`;
  const said = is.index.filter((id) => !was.index.includes(id)).map((id) => typeOf(after, id));
  const times = (eventType: string) => said.filter((type) => type === eventType).length;
  const next: History = {
    settled: history.settled + times('OrderPlaced') + times('OrderRejected'),
    taken: history.taken + Math.max(times('PointUsed'), Number(became(was, is, 'transaction', 'USED'))),
    back: history.back + Math.max(times('PointUseCompensated'), Number(became(was, is, 'transaction', 'REFUNDED'))),
    verdict: settled(is.order.status) ? String(is.order.status) : history.verdict,
  };
  const gone = after.now >= DUE_MS + RETENTION_MS && is.order.status === undefined;
  const broken = [
    ...(settled(was.order.status) && was.order.status !== is.order.status && !gone
      ? [`I1: ${name} was ${was.order.status} and is now ${is.order.status ?? 'gone'}`]
      : []),
    ...(next.settled > 1 ? [`I1: ${name} was settled ${next.settled} times`] : []),
    ...tooLate(was, is, name, after.now),
    ...tooEarly(was, is, name, after.now, late),
    ...(next.taken > 1 ? [`I4: points were taken ${next.taken} times for ${name}`] : []),
    ...(next.back > Math.min(1, next.taken)
      ? [`I4: ${name} was refunded ${next.back} times and paid ${next.taken} times`]
      : []),
  ];
  return { broken, history: next };
}

/** What a group has not read, or has not done, must stay in the log. */
function trimmedTooSoon(before: Seen, after: Seen): string[] {
  const there = new Set(after.log.map(({ id }) => id));
  const gone = before.log.filter(({ id }) => !there.has(id));
  return after.groups.flatMap(({ name, position, pending }) => {
    const needed = gone.filter(({ id }) => pending.includes(id) || compareIds(id, position) > 0);
    return needed.map((entry) => `I6: ${contentOf(entry)} was trimmed away, and ${name} needs it`);
  });
}

const became = (was: SeenOrder, is: SeenOrder, part: 'order' | 'exchange' | 'transaction', status: string) =>
  was[part].status !== status && is[part].status === status;

function tooLate(was: SeenOrder, is: SeenOrder, name: string, now: number): string[] {
  if (now < DUE_MS) return [];
  return [
    ...(became(was, is, 'order', 'APPROVED') ? [`I3: ${name} was approved at its deadline or later`] : []),
    ...(became(was, is, 'exchange', 'EXCHANGED') ? [`I3: ${name} was exchanged at its deadline or later`] : []),
    ...(became(was, is, 'transaction', 'USED') ? [`I3: points were taken for ${name} at its deadline or later`] : []),
  ];
}

function tooEarly(was: SeenOrder, is: SeenOrder, name: string, now: number, late: boolean): string[] {
  const early = now < DUE_MS && !late && became(was, is, 'order', 'REJECTED DUE TO DEADLINE');
  return early ? [`I8: ${name} was rejected for a deadline that no clock has reached`] : [];
}

/** An order's index names the entries that a transition made; copies of them are in the log, but not in the index. */
const typeOf = (seen: Seen, id: string) => seen.log.find((entry) => entry.id === id)?.fields.eventType;

/** What must hold in every state: I5, and that the indexes say what the records say. */
export function judgeState(seen: Seen, deposited: number): string[] {
  const broken: string[] = [];
  const { account } = seen;
  const used = Number(account.used ?? 0);
  const kept = seen.orders
    .filter(({ transaction }) => transaction.status === 'USED')
    .reduce((sum, { transaction }) => sum + Number(transaction.point), 0);
  const point = Number(account.point ?? deposited);
  if (point < 0 || point !== deposited - used)
    broken.push(`I5: balance ${point}, deposited ${deposited}, used ${used}`);
  if (used !== kept + Number(account.usedArchived ?? 0)) broken.push(`I5: used ${used}, transactions hold ${kept}`);
  seen.orders.forEach(({ order, index }, i) => {
    const kept = order.status !== undefined;
    if (kept !== index.length > 0) broken.push(`order ${i + 1} is ${order.status}, its events are listed: ${!kept}`);
  });
  const others = seen.log.filter(({ fields }) => Number(fields.deadline) !== DUE_MS);
  broken.push(...others.map((entry) => `${contentOf(entry)}: its order has another deadline`));
  return [...broken, ...judgeIndexes(seen)];
}

/**
 * What must hold where the system, left alone, does nothing more: I2, I4, I6, I8, and that what is left is one of the
 * scene's outcomes.
 *
 * @param late whether any clock reading so far has reached the deadline; after a step back it is later than now
 */
export function judgeRest(
  partitions: readonly Seen[],
  histories: readonly (readonly History[])[],
  late: boolean,
  outcomes: Scene['outcomes'],
) {
  const problems = partitions.flatMap((seen, part) => restProblems(seen, histories[part] ?? [], late));
  const outcome = partitions.every(isDrained) ? partitions.map(outcomeOf).join(' | ') : undefined;
  if (outcome !== undefined && problems.length === 0 && outcomes && !outcomes.includes(outcome))
    problems.push(`this outcome is none of the scene's: ${outcome}`);
  return { problems, outcome };
}

const isAtRest = ({ groups }: Seen) => groups.every(({ pending }) => pending.length === 0);

const isDrained = (seen: Seen) =>
  isAtRest(seen) && seen.dead.length === 0 && seen.orders.every(({ order }) => settled(order.status));

function restProblems(seen: Seen, histories: readonly History[], late: boolean): string[] {
  return seen.orders.flatMap((order, i) => {
    const name = `order ${i + 1}`;
    const { status } = order.order;
    if (status === 'PENDING') return restsOpen(seen, order, name, late);
    if (!isAtRest(seen)) return [];
    const { taken, back, verdict } = histories[i] ?? UNSETTLED;
    const kept = verdict.startsWith('REJECTED') && taken > back;
    return [
      ...(kept ? [`I2: ${name} was ${verdict}, its points were taken and never given back`] : []),
      ...(status === undefined ? [] : [...agreement(order, name), ...cancelled(seen, order, name)]),
    ];
  });
}

function restsOpen(seen: Seen, { deadline }: SeenOrder, name: string, late: boolean): string[] {
  if (seen.now >= DUE_MS + OVERDUE_MS) return [`I6: ${name} rests PENDING after its deadline`];
  if (seen.now >= DUE_MS && deadline.status === 'SCHEDULED') return [`I6: the deadline of ${name} is due and rests`];
  const undisturbed = !late && seen.dead.length === 0 && isAtRest(seen);
  return undisturbed ? [`I8: all is done and ${name} still waits for its deadline`] : [];
}

function agreement({ order, exchange, transaction }: SeenOrder, name: string): string[] {
  const approved = order.status === 'APPROVED';
  const good = approved
    ? exchange.status === 'EXCHANGED' && transaction.status === 'USED'
    : exchange.status !== 'EXCHANGED' && transaction.status !== 'USED';
  const others = `exchange ${exchange.status ?? 'none'}, points ${transaction.status ?? 'none'}`;
  return good ? [] : [`I2: ${name} is ${order.status}, ${others}`];
}

function cancelled(seen: Seen, { deadline }: SeenOrder, name: string): string[] {
  const open = seen.dead.length === 0 && deadline.status === 'SCHEDULED';
  return open ? [`I8: ${name} is settled and its deadline still runs`] : [];
}

/** What became of every order: order / exchange / points / deadline. */
function outcomeOf(seen: Seen): string {
  return seen.orders
    .map(({ order, exchange, transaction, deadline }) =>
      [order, exchange, transaction, deadline].map(({ status }) => status ?? 'none').join(' / '),
    )
    .join('; ');
}

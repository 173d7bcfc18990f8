import { OVERDUE_MS } from 'order/scripts/sweepPending';
import { DEADLINE_MS, RETENTION_MS, type Seen, type SeenOrder, START_MS } from './world.ts';

/** How often an order's points were taken and given back, counted along the path: two numbers an order. */
export type Counters = readonly number[];

const settled = (status: string | undefined) => status !== undefined && status !== 'PENDING';
const deadlineOf = START_MS + DEADLINE_MS;

/** What one step may not do, whatever the state: I1, I3, I4. The counters after the step come back with it. */
export function judgeStep(
  before: readonly Seen[],
  after: readonly Seen[],
  counters: readonly Counters[],
  latest: number,
) {
  const judged = after.map((seen, i) => judgePartition(before[i] ?? seen, seen, counters[i] ?? [], latest));
  return { broken: judged.flatMap(({ broken }) => broken), counters: judged.map((each) => each.counters) };
}

function judgePartition(before: Seen, after: Seen, counters: Counters, latest: number) {
  const broken: string[] = [];
  const next = [...counters];
  after.orders.forEach((order, i) => {
    const was = before.orders[i];
    if (!was) return;
    const name = `order ${i + 1}`;
    const became = (part: 'order' | 'exchange' | 'transaction', status: string) =>
      was[part].status !== status && order[part].status === status;
    const gone = after.now >= deadlineOf + RETENTION_MS && order.order.status === undefined;
    if (settled(was.order.status) && was.order.status !== order.order.status && !gone) {
      broken.push(`I1: ${name} was ${was.order.status} and is now ${order.order.status}`);
    }
    if (after.now >= deadlineOf) {
      if (became('order', 'APPROVED')) broken.push(`I3: ${name} was approved at its deadline or later`);
      if (became('exchange', 'EXCHANGED')) broken.push(`I3: ${name} was exchanged at its deadline or later`);
      if (became('transaction', 'USED')) broken.push(`I3: points were taken for ${name} at its deadline or later`);
    } else if (became('order', 'REJECTED DUE TO DEADLINE') && latest < deadlineOf) {
      broken.push(`I8: ${name} was rejected for a deadline that no clock has reached`);
    }
    const said = order.index.filter((id) => !was.index.includes(id)).map((id) => typeOf(after, id));
    next[2 * i] = (next[2 * i] ?? 0) + said.filter((type) => type === 'PointUsed').length;
    next[2 * i + 1] = (next[2 * i + 1] ?? 0) + said.filter((type) => type === 'PointUseCompensated').length;
    const [taken = 0, back = 0] = next.slice(2 * i, 2 * i + 2);
    if (taken > 1) broken.push(`I4: points were taken ${taken} times for ${name}`);
    if (back > 1 || back > taken) broken.push(`I4: ${name} was refunded ${back} times and paid ${taken} times`);
  });
  return { broken, counters: next };
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
  seen.orders.forEach(({ order, deadline }, i) => {
    const waits = seen.pending.some((id) => Number(id) === i + 1);
    const due = seen.due.some((id) => Number(id) === i + 1);
    if (waits !== (order.status === 'PENDING')) broken.push(`order ${i + 1} is ${order.status}, in pending: ${waits}`);
    if (due !== (deadline.status === 'SCHEDULED'))
      broken.push(`deadline ${i + 1} is ${deadline.status}, in due: ${due}`);
  });
  return broken;
}

/**
 * What must hold where the system, left alone, does nothing more: I2, I6, I8.
 *
 * @param latest the latest reading that any clock has given so far; after a step back it is later than now
 */
export function judgeRest(seen: Seen, latest: number): string[] {
  return seen.orders.flatMap((order, i) => {
    const name = `order ${i + 1}`;
    const { status } = order.order;
    if (status === undefined) return [];
    if (status === 'PENDING') {
      if (seen.now >= deadlineOf + OVERDUE_MS) return [`I6: ${name} rests PENDING after its deadline`];
      return latest < deadlineOf && seen.dead.length === 0
        ? [`I8: all is done and ${name} still waits for its deadline`]
        : [];
    }
    const stale = seen.dead.some(({ fields }) => fields['dead.reason'] === 'STALE');
    return [...(stale ? [] : agreement(order, name)), ...cancelled(seen, order, name)];
  });
}

function agreement({ order, exchange, transaction }: SeenOrder, name: string): string[] {
  const approved = order.status === 'APPROVED';
  const good = approved
    ? exchange.status === 'EXCHANGED' && transaction.status === 'USED'
    : exchange.status !== 'EXCHANGED' && transaction.status !== 'USED';
  return good ? [] : [`I2: ${name} is ${order.status}, exchange ${exchange.status}, points ${transaction.status}`];
}

function cancelled(seen: Seen, { deadline }: SeenOrder, name: string): string[] {
  const open = seen.dead.length === 0 && deadline.status === 'SCHEDULED';
  return open ? [`I8: ${name} is settled and its deadline still runs`] : [];
}

/** What became of every order, for the set of outcomes. */
export function outcomeOf(seen: Seen): string {
  return seen.orders
    .map(({ order, exchange, transaction, deadline }) =>
      [order, exchange, transaction, deadline].map(({ status }) => status ?? 'none').join(' / '),
    )
    .join('; ');
}

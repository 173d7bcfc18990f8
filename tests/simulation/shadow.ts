import type { TransitionTable } from 'common/transitions/table';
import { transitions as deadlineTable } from 'deadline/transitions';
import { transitions as exchangeTable } from 'exchange/transitions';
import { transitions as orderTable } from 'order/transitions';
import { transitions as pointTable } from 'point/transitions';
import { type Index, indexesOf } from '../kit/indexes.ts';
import { RETENTION_MS } from './command.ts';
import type { Observed, SeenAccount, SeenEvent, SeenOrder } from './observe.ts';

type ShadowOrder = SeenOrder & { holderId: string; due: number; taken: number; refunded: number; settled: number };
type ShadowAccount = { deposited: number; used: number };

/** The records of an order, each with the states that its table lets follow on one another in any number of steps. */
const PARTS = { order: orderTable, exchange: exchangeTable, transaction: pointTable, deadline: deadlineTable } as const;
type Part = keyof typeof PARTS;
const FOLLOWING: Readonly<Record<Part, ReadonlySet<string>>> = {
  order: following(orderTable),
  exchange: following(exchangeTable),
  transaction: following(pointTable),
  deadline: following(deadlineTable),
};

function following({ rows }: TransitionTable): Set<string> {
  const known = new Set(rows.map(({ from, to }) => `${from}>${to}`));
  for (const _ of rows) {
    for (const one of [...known]) {
      const [from, over] = one.split('>');
      for (const { to } of rows.filter((row) => row.from === over)) known.add(`${from}>${to}`);
    }
  }
  return known;
}

/** What a partition must look like, from what clients did and what was seen since: it says what breaks an invariant. */
export class Shadow {
  readonly orders = new Map<number, ShadowOrder>();
  readonly accounts = new Map<string, ShadowAccount>();
  readonly indexes: readonly Index[];
  /** Entries that were put there by the story itself: they say again what was said before. */
  readonly repeated = new Set<string>();
  /** The latest moment that any clock has shown. */
  latest = 0;

  constructor(holders: readonly string[]) {
    this.indexes = indexesOf(holders);
  }

  placed(id: number, holderId: string, due: number): void {
    const none = { order: 'none', exchange: 'none', transaction: 'none', deadline: 'none', point: 0, indexed: 0 };
    this.orders.set(id, { id, holderId, due, ...none, taken: 0, refunded: 0, settled: 0 });
  }

  paidIn(userId: string, point: number): void {
    const { deposited = 0, used = 0 } = this.accounts.get(userId) ?? {};
    this.accounts.set(userId, { deposited: deposited + point, used });
  }

  /** Orders that somebody still keeps a record of; what is forgotten comes up again where a repeated event is about it. */
  kept(): number[] {
    return [...this.orders.values()].filter((order) => !this.#isForgotten(order)).map(({ id }) => id);
  }

  /** @returns what of this breaks an invariant */
  judge({ events, orders, accounts }: Observed): string[] {
    return [
      ...events.filter(({ id }) => !this.repeated.has(id)).flatMap((event) => this.#judgeEvent(event)),
      ...orders.flatMap((seen) => this.#judgeOrder(seen)),
      ...accounts.flatMap((seen) => this.#judgeAccount(seen)),
    ];
  }

  #judgeEvent({ type, orderId, timestamp, deadline, reason }: SeenEvent): string[] {
    const order = this.orders.get(orderId);
    if (!order) return [`nobody placed order ${orderId}, and ${type} is about it`];
    const name = `order ${orderId}`;
    const broken: string[] = [];
    if (deadline !== order.due)
      broken.push(`${type} says that the deadline of ${name} is ${deadline - order.due} ms later`);
    const isLate = timestamp >= order.due;
    if (isLate && ['ExchangeSucceed', 'PointUsed', 'OrderPlaced'].includes(type)) {
      broken.push(`I3: ${type} of ${name} came ${timestamp - order.due} ms after its deadline`);
    }
    if (type === 'OrderPlaced' || type === 'OrderRejected') order.settled += 1;
    if (order.settled > 1) broken.push(`I1: ${name} was settled ${order.settled} times`);
    if (type === 'PointUsed') order.taken += 1;
    if (type === 'PointUseCompensated') order.refunded += 1;
    if (order.taken > 1) broken.push(`I4: points were taken ${order.taken} times for ${name}`);
    if (order.refunded > order.taken)
      broken.push(`I4: ${name} was paid ${order.taken} times, refunded ${order.refunded}`);
    const saysLate = type === 'DeadlineReached' || reason === 'DEADLINE';
    if (saysLate && this.latest < order.due) broken.push(`I8: ${name} is late, and no clock has reached its deadline`);
    return broken;
  }

  #judgeOrder(seen: SeenOrder): string[] {
    const was = this.orders.get(seen.id);
    if (!was) return [];
    const broken: string[] = [];
    for (const part of Object.keys(PARTS) as Part[]) {
      if (was[part] === seen[part] || FOLLOWING[part].has(`${was[part]}>${seen[part]}`)) continue;
      if (seen[part] === 'none' && this.#mayForget(was)) continue;
      const rule = part === 'order' && was.order !== 'none' ? 'I1: ' : '';
      broken.push(`${rule}the ${part} of order ${seen.id} was ${was[part]} and is ${seen[part]}`);
    }
    const account = this.accounts.get(was.holderId);
    if (account && was.transaction !== 'USED' && seen.transaction === 'USED') account.used += seen.point;
    if (account && was.transaction === 'USED' && seen.transaction === 'REFUNDED') account.used -= was.point;
    const isKept = seen.order !== 'none';
    if (isKept !== seen.indexed > 0)
      broken.push(`order ${seen.id} is ${seen.order}, and ${seen.indexed} events are listed`);
    Object.assign(was, seen);
    return broken;
  }

  /** What only everything together shows: I5, and that the indexes list what there is, no more and no less. */
  judgeWhole({ accounts, listed }: Observed): string[] {
    const orders = [...this.orders.values()];
    const states = orders.map(({ holderId, order, exchange, transaction, deadline }) => ({
      holderId,
      states: {
        ...{ order: stateOf(order), exchange: stateOf(exchange) },
        ...{ transaction: stateOf(transaction), deadline: stateOf(deadline) },
      },
    }));
    const wrong = this.indexes.flatMap(({ name, lists }, at) => {
      const wanted = states.filter((each) => lists(each.states, each.holderId)).length;
      return wanted === listed[at] ? [] : [`the ${name} lists ${listed[at]} orders, and there are ${wanted}`];
    });
    const kept = new Map<string, number>();
    for (const { holderId, transaction, point } of orders) {
      if (transaction === 'USED') kept.set(holderId, (kept.get(holderId) ?? 0) + point);
    }
    const lost = accounts.flatMap(({ userId, used, archived }) => {
      const standing = kept.get(userId) ?? 0;
      return used === standing + archived
        ? []
        : [`I5: ${userId} used ${used}, transactions hold ${standing}, archived are ${archived}`];
    });
    return [...lost, ...wrong];
  }

  #isForgotten(order: ShadowOrder): boolean {
    const { order: status, exchange, transaction, deadline } = order;
    return this.#mayForget(order) && [status, exchange, transaction, deadline].every((each) => each === 'none');
  }

  #mayForget({ order, due }: ShadowOrder): boolean {
    return order !== 'PENDING' && due + RETENTION_MS <= this.latest;
  }

  #judgeAccount({ userId, point, deposited, used, archived }: SeenAccount): string[] {
    const account = this.accounts.get(userId);
    if (!account) return [];
    const broken: string[] = [];
    if (point < 0 || point !== deposited - used) {
      broken.push(`I5: ${userId} has ${point} points of ${deposited}, and used ${used}`);
    }
    if (deposited !== account.deposited) broken.push(`I5: ${userId} paid in ${account.deposited}, not ${deposited}`);
    if (used !== account.used) broken.push(`I5: ${userId} used ${account.used} points, and the account says ${used}`);
    if (archived > used) broken.push(`I5: of ${used} used points of ${userId} ${archived} are archived`);
    return broken;
  }

  /** What a partition must look like where the system, left alone, does nothing more: I2, I6, I8. */
  judgeRest(now: number): string[] {
    return [...this.orders.values()].flatMap((order) => {
      const { id, due } = order;
      if (order.order === 'none') return this.#mayForget(order) ? [] : [`I6: order ${id} is lost`];
      if (order.order === 'PENDING') {
        if (now > due) return [`I6: order ${id} rests PENDING after its deadline`];
        return this.latest < due ? [`I8: all is done, and order ${id} waits for its deadline`] : [];
      }
      const scheduled = order.deadline === 'SCHEDULED' ? [`I8: order ${id} is settled, and its deadline runs`] : [];
      return [...disagreement(order), ...scheduled];
    });
  }
}

const stateOf = (status: string) => (status === 'none' ? undefined : status);

function disagreement({ id, order, exchange, transaction }: SeenOrder): string[] {
  const agrees =
    order === 'APPROVED'
      ? exchange === 'EXCHANGED' && transaction === 'USED'
      : exchange !== 'EXCHANGED' && transaction !== 'USED';
  return agrees ? [] : [`I2: order ${id} is ${order}, its exchange ${exchange}, its points ${transaction}`];
}

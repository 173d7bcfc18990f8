import type { Exchange } from 'exchange/exchange';
import type { Order } from 'order/order';
import { CURRENCIES } from '../client/requests.ts';
import type { State } from './state.ts';
import type { Violation } from './violation.ts';

const REJECTED_EXCHANGES = ['none', 'FAILED', 'VOIDED', 'COMPENSATED'];
const REJECTED_TRANSACTIONS = ['none', 'FAILED', 'VOIDED', 'REFUNDED'];

/** I2: what the services keep of an order fits together, and nobody keeps something of an order that is not there. */
export function checkAgreement(state: State): Violation[] {
  const violations = [...state.orders.values()].flatMap((order) => disagreements(order, state));
  for (const kind of ['exchanges', 'transactions', 'deadlines'] as const) {
    for (const id of state[kind].keys()) {
      if (!state.orders.has(id))
        violations.push({ rule: 'agreement', who: `order ${id}`, what: `${kind} keeps it alone` });
    }
  }
  return [...violations, ...indexFaults(state)];
}

function disagreements(order: Order, { exchanges, transactions, deadlines }: State): Violation[] {
  const exchange = exchanges.get(order.id);
  const transaction = transactions.get(order.id);
  const deadline = deadlines.get(order.id)?.status;
  const [price, points] = [exchange?.status ?? 'none', transaction?.status ?? 'none'];
  const wrong: string[] = [];
  if (order.status === 'PENDING') wrong.push('is PENDING for ever');
  else if (order.status === 'APPROVED') {
    if (price !== 'EXCHANGED' || points !== 'USED') wrong.push(`APPROVED, exchange ${price}, points ${points}`);
  } else if (!REJECTED_EXCHANGES.includes(price) || !REJECTED_TRANSACTIONS.includes(points)) {
    wrong.push(`${order.status}, exchange ${price}, points ${points}`);
  }
  if (deadline !== 'CANCELLED' && deadline !== 'REACHED') wrong.push(`its deadline is ${deadline ?? 'not there'}`);
  if (exchange?.point !== undefined && exchange.point !== priceOf(exchange)) {
    wrong.push(`${exchange.amount} ${exchange.currencyId} cost ${priceOf(exchange)}, not ${exchange.point}`);
  }
  if (exchange && exchange.userId !== order.holderId) wrong.push(`exchanged for ${exchange.userId}`);
  const taken = points === 'USED' || points === 'REFUNDED' ? transaction : undefined;
  if (taken && taken.userId !== order.holderId) wrong.push(`points of ${taken.userId}, not of ${order.holderId}`);
  if (taken && taken.pointUsed !== exchange?.point) {
    wrong.push(`took ${taken.pointUsed} points, exchanged ${exchange?.point}`);
  }
  return wrong.map((what) => ({ rule: 'agreement', who: `order ${order.id}`, what }));
}

/** Amount x rate, rounded half up to whole points. */
function priceOf({ amount = 0, currencyId }: Exchange): number {
  const rate = CURRENCIES.find(({ id }) => id === currencyId)?.rate ?? '1';
  const [whole = '0', fraction = ''] = rate.split('.');
  const millionths = BigInt(whole + fraction.padEnd(6, '0'));
  return Number((BigInt(amount) * millionths + 500_000n) / 1_000_000n);
}

/** Every record stands in the index of its status, and in no other. */
function indexFaults(state: State): Violation[] {
  const seen = { orders: 0, exchanges: 0, transactions: 0 };
  const violations: Violation[] = [];
  for (const { of: kind, status, ids } of state.indexes) {
    seen[kind] += ids.length;
    for (const id of ids) {
      const found = state[kind].get(id)?.status;
      const what = `stands in the index of ${status} ${kind}, and is ${found ?? 'not there'}`;
      if (found !== status) violations.push({ rule: 'index', who: `order ${id}`, what });
    }
  }
  for (const kind of ['orders', 'exchanges', 'transactions'] as const) {
    const what = `${state[kind].size} records, ${seen[kind]} members of their indexes`;
    if (state[kind].size !== seen[kind]) violations.push({ rule: 'index', who: kind, what });
  }
  return violations;
}

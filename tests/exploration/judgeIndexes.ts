import { indexesOf } from '../kit/indexes.ts';
import type { Seen } from './seen.ts';
import { aroundTag, USER } from './worldKeys.ts';

const INDEXES = indexesOf([USER]);

/** For Lua: of each index what stands before the tag in its key and what after it. */
export const indexesLua = `local indexes = { ${INDEXES.map(({ keyOf }) => aroundTag(keyOf('?'))).join(', ')} }`;

/** Whether every index says what the records say. */
export function judgeIndexes({ orders, listed }: Seen): string[] {
  const states = orders.map(({ order, exchange, transaction, deadline }) => ({
    ...{ order: order.status, exchange: exchange.status },
    ...{ transaction: transaction.status, deadline: deadline.status },
  }));
  return INDEXES.flatMap(({ name, lists }, at) => {
    const wanted = states.flatMap((each, i) => (lists(each, USER) ? [i + 1] : [])).join(', ');
    const found = (listed[at] ?? []).map(Number).sort().join(', ');
    return wanted === found ? [] : [`the ${name} lists ${found || 'none'}, and it is ${wanted || 'none'}`];
  });
}

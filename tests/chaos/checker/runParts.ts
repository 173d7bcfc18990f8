import type { GoodRun } from './goodRun.ts';

/** The entry that a falsification is about; it must be there. */
export function get<K, V>(entries: Map<K, V>, key: K): V {
  const value = entries.get(key);
  if (value === undefined) throw new Error(`nothing under ${String(key)}`);
  return value;
}

export function eventOf({ state }: GoodRun, type: string, orderId: number) {
  const event = state.log.find((each) => each.type === type && each.orderId === orderId);
  if (!event) throw new Error(`order ${orderId} has no ${type}`);
  return event;
}

export function group({ state }: GoodRun) {
  const [first] = state.groups;
  if (!first) throw new Error('no group');
  return first;
}

export const repeat = (run: GoodRun, type: string, orderId: number) =>
  run.state.log.push({ ...eventOf(run, type, orderId) });
export const drop = (run: GoodRun, type: string, orderId: number) => {
  const event = eventOf(run, type, orderId);
  run.state.log = run.state.log.filter((each) => each !== event);
};
/** The record of an order that is there. */
export const order = (run: GoodRun, id: number) => get(run.state.orders, id);
export const account = (run: GoodRun) => get(run.state.accounts, 'jjy');
export const attempt = (run: GoodRun, key: string) => {
  const [first] = get(run.history.orders, key);
  if (!first) throw new Error(`no attempt of ${key}`);
  return first;
};

import type { EventType } from 'common/events/catalog';
import type { Deadline } from 'deadline/deadline';
import type { Exchange } from 'exchange/exchange';
import type { Order } from 'order/order';
import type { Account } from 'point/account';
import type { Transaction } from 'point/transaction';

/** One event of the log: what the checker needs of it. */
export type Logged = {
  id: string;
  type: EventType;
  orderId: number;
  timestamp: number;
  deadline: number;
  /** Points that were taken or given back, where the event says so. */
  moved?: number;
};

/** One consumer group of one partition. */
export type GroupState = {
  partition: number;
  group: string;
  pending: number;
  unread: number;
  retries: number;
  consumers: string[];
  /** Those with a sign of life that has not run out. */
  live: string[];
};

/** The members of one sorted set of records by status, and of whom they are. */
export type StatusIndex = { of: 'orders' | 'exchanges' | 'transactions'; status: string; ids: number[] };

/** All that Redis holds after a run, of all partitions. */
export type State = {
  partitions: number;
  orders: Map<number, Order>;
  exchanges: Map<number, Exchange>;
  transactions: Map<number, Transaction>;
  deadlines: Map<number, Deadline>;
  accounts: Map<string, Account>;
  /** Which order a request has made, by its digest. */
  orderRequests: Map<string, number>;
  /** Payments that took effect, by the digest of their request. */
  paymentRequests: Set<string>;
  log: Logged[];
  groups: GroupState[];
  indexes: StatusIndex[];
  deadLetters: string[];
  /** Deadlines that wait, and orders that the sweep would look at. */
  due: number;
  open: number;
};

export const emptyState = (partitions: number): State => ({
  partitions,
  orders: new Map(),
  exchanges: new Map(),
  transactions: new Map(),
  deadlines: new Map(),
  accounts: new Map(),
  orderRequests: new Map(),
  paymentRequests: new Set(),
  log: [],
  groups: [],
  indexes: [],
  deadLetters: [],
  due: 0,
  open: 0,
});

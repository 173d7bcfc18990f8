/** The statuses of an order; an order only ever moves down this list, from the first to one of the others. */
export const ORDER_STATUSES = [
  'PENDING',
  'APPROVED',
  'REJECTED DUE TO POINT LIMIT',
  'REJECTED DUE TO DEADLINE',
  'REJECTED DUE TO EXCHANGE ERROR',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** What a client asks for. */
export type OrderRequest = { holderId: string; currencyId: string; amount: number };

/** One order. Times in ms since 1970, by Redis' clock. */
export type Order = OrderRequest & {
  id: number;
  status: OrderStatus;
  createdAt: number;
  deadline: number;
  /** Undefined while it is PENDING. */
  settledAt: number | undefined;
};

/** Reads the record that the scripts wrote. */
export function orderOf(id: number, hash: Readonly<Record<string, string>>): Order {
  return {
    id,
    holderId: hash.holderId ?? '',
    currencyId: hash.currencyId ?? '',
    amount: Number(hash.amount),
    status: hash.status as OrderStatus,
    createdAt: Number(hash.createdAt),
    deadline: Number(hash.deadline),
    settledAt: hash.settledAt === undefined ? undefined : Number(hash.settledAt),
  };
}

export const isSettled = ({ status }: Order): boolean => status !== 'PENDING';

const iso = (ms: number) => new Date(ms).toISOString();

/** An order as clients see it. */
export const shownOrder = ({ createdAt, deadline, settledAt, ...order }: Order) => ({
  ...order,
  createdAt: iso(createdAt),
  deadline: iso(deadline),
  ...(settledAt !== undefined && { settledAt: iso(settledAt) }),
});

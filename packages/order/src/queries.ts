import { type Cursor, encodeCursor, pageOf } from 'common/http/paging';
import { partitionOfHolder, partitionOfOrder } from 'common/partition/partition';
import type { Foundation } from 'common/process/foundation';
import { readHashes } from 'common/redis/hashes';
import { newestFirst, type Position } from 'common/redis/newestFirst';
import { holderIndexKey, orderKey, statusIndexKey } from './keys.ts';
import { ORDER_STATUSES, type Order, type OrderStatus, orderOf } from './order.ts';

/** How many of a holder's orders one request looks through for those of one status, and in which portions. */
const SCAN_COUNT_MAX = 2_000;
const SCAN_PORTION = 500;

export type OrderFilter = {
  limit: number;
  cursor?: Cursor | undefined;
  status?: OrderStatus | undefined;
  holderId?: string | undefined;
};

export type OrderPage = { items: Order[]; nextCursor: string | null };

/** One order, or undefined. */
export async function findOrder(foundation: Foundation, orderId: number): Promise<Order | undefined> {
  const [order] = await readOrders(foundation, [orderId]);
  return order;
}

/**
 * A page of orders, newest first, over all partitions. One that settles or is swept away while the page is read may be
 * missing from it; a page may then hold fewer than `limit` although another follows.
 */
export async function listOrders(foundation: Foundation, filter: OrderFilter): Promise<OrderPage> {
  const { limit, cursor, status, holderId } = filter;
  if (holderId !== undefined && status !== undefined) return scanHolder(foundation, holderId, status, limit, cursor);
  const found = await newestFirst(foundation.connections.commands, indexesOf(foundation, filter), limit + 1, cursor);
  const { items, nextCursor } = pageOf(found, limit, (position) => position);
  const orders = await readOrders(foundation, items.map(idOf));
  return { items: orders.filter((order) => isOf(status, order)), nextCursor };
}

function indexesOf({ partitions }: Foundation, { status, holderId }: OrderFilter): string[] {
  if (holderId !== undefined) return [holderIndexKey(partitionOfHolder(holderId, partitions).tag, holderId)];
  const statuses = status === undefined ? ORDER_STATUSES : [status];
  // PENDING comes first, as an order's statuses do.
  return statuses.flatMap((each) => partitions.map(({ tag }) => statusIndexKey(tag, each)));
}

/** A holder has no index for each status: their orders are looked through, up to a bound; the cursor goes on from there. */
async function scanHolder(
  foundation: Foundation,
  holderId: string,
  status: OrderStatus,
  limit: number,
  cursor: Cursor | undefined,
): Promise<OrderPage> {
  const keys = indexesOf(foundation, { limit, holderId });
  const items: Order[] = [];
  let after: Position | undefined = cursor;
  for (let scanned = 0; scanned < SCAN_COUNT_MAX; scanned += SCAN_PORTION) {
    const found = await newestFirst(foundation.connections.commands, keys, SCAN_PORTION, after);
    for (const order of await readOrders(foundation, found.map(idOf))) {
      if (!isOf(status, order)) continue;
      if (items.length === limit) return { items, nextCursor: cursorAt(items.at(-1)) };
      items.push(order);
    }
    if (found.length < SCAN_PORTION) return { items, nextCursor: null };
    after = found.at(-1);
  }
  return { items, nextCursor: after ? encodeCursor(after) : null };
}

/** The orders of these ids, in this order; those that are gone are left out. */
async function readOrders({ connections, partitions }: Foundation, ids: readonly number[]): Promise<Order[]> {
  const keys = ids.map((id) => orderKey(partitionOfOrder(id, partitions).tag, id));
  const hashes = await readHashes(connections.commands, keys);
  return ids.flatMap((id, i) => (hashes[i] ? [orderOf(id, hashes[i])] : []));
}

const idOf = ({ id }: Position) => Number(id);
const isOf = (status: OrderStatus | undefined, order: Order) => status === undefined || order.status === status;
const cursorAt = (order: Order | undefined) =>
  order ? encodeCursor({ at: order.createdAt, id: String(order.id).padStart(16, '0') }) : null;

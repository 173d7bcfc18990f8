/** The statuses of a transaction; one only ever moves down this list. */
export const TRANSACTION_STATUSES = ['USED', 'FAILED', 'VOIDED', 'REFUNDED'] as const;
export type TransactionStatus = (typeof TRANSACTION_STATUSES)[number];

/** What became of one order's points; a FAILED or VOIDED one took none. */
export type Transaction = {
  orderId: number;
  userId: string;
  /** The points that were taken; of a REFUNDED transaction those that were given back. */
  pointUsed: number;
  status: TransactionStatus;
  /** Why it FAILED. */
  reason: string | undefined;
  at: number;
};

/** Reads the record that the scripts wrote. */
export function transactionOf(orderId: number, hash: Readonly<Record<string, string>>): Transaction {
  return {
    orderId,
    userId: hash.userId ?? '',
    pointUsed: Number(hash.point ?? 0),
    status: hash.status as TransactionStatus,
    reason: hash.reason,
    at: Number(hash.at),
  };
}

/** The statuses of an exchange. */
export const EXCHANGE_STATUSES = ['EXCHANGED', 'FAILED', 'VOIDED', 'COMPENSATED'] as const;
export type ExchangeStatus = (typeof EXCHANGE_STATUSES)[number];

/** One exchange, one per order; a tombstone (VOIDED) knows only whose it is. Rate in millionths. */
export type Exchange = {
  orderId: number;
  status: ExchangeStatus;
  userId: string;
  currencyId: string | undefined;
  amount: number | undefined;
  rate: number | undefined;
  point: number | undefined;
  reason: string | undefined;
  at: number;
};

const optionalNumber = (text: string | undefined) => (text === undefined ? undefined : Number(text));

/** Reads the record that the scripts wrote. */
export function exchangeOf(orderId: number, hash: Readonly<Record<string, string>>): Exchange {
  return {
    orderId,
    status: hash.status as ExchangeStatus,
    userId: hash.userId ?? '',
    currencyId: hash.currencyId,
    amount: optionalNumber(hash.amount),
    rate: optionalNumber(hash.rate),
    point: optionalNumber(hash.point),
    reason: hash.reason,
    at: Number(hash.at),
  };
}

/** Every key that the exchange service owns. The scripts spell the same keys in `exchangeKeys.lua`. */
export const exchangeKey = (tag: string, orderId: number | string): string => `exchange:{${tag}}:${orderId}`;

/** Orders by the time of their exchange, one sorted set for each status. */
export const statusIndexKey = (tag: string, status: string): string => `exchange:{${tag}}:status:${status}`;

/** Rates by currency, `<millionths>:<1 where suspended>`; every partition has a copy. */
export const ratesKey = (tag: string): string => `exchange:{${tag}}:rates`;

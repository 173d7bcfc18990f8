/** Every key that the point service owns. The scripts spell the same keys in `pointKeys.lua`. */
export const accountKey = (tag: string, userId: string): string => `point:{${tag}}:account:${userId}`;

export const transactionKey = (tag: string, orderId: number | string): string =>
  `point:{${tag}}:transaction:${orderId}`;

/** Users by the time at which their account was opened. */
export const accountsKey = (tag: string): string => `point:{${tag}}:accounts`;

/** Orders by the time of their transaction, one sorted set for each status. */
export const statusIndexKey = (tag: string, status: string): string => `point:{${tag}}:status:${status}`;

/** What a request has done before, by the digest of its route, user and key. */
export const requestKey = (tag: string, digest: string): string => `point:{${tag}}:request:${digest}`;

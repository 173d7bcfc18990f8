/** Every key that the order service owns. The scripts spell the same keys in `orderKeys.lua`. */
export const orderKey = (tag: string, orderId: number | string): string => `order:{${tag}}:${orderId}`;

/** How many orders the partition has had: the next one's id comes from it. */
export const sequenceKey = (tag: string): string => `order:{${tag}}:sequence`;

/** Open orders by deadline: what the sweep looks at. */
export const pendingKey = (tag: string): string => `order:{${tag}}:pending`;

/** Orders by the time of their creation, one sorted set for each status. */
export const statusIndexKey = (tag: string, status: string): string => `order:{${tag}}:status:${status}`;

/** A holder's orders by the time of their creation. */
export const holderIndexKey = (tag: string, holderId: string): string => `order:{${tag}}:holder:${holderId}`;

/** What a request has done before, by the digest of its route, holder and key. */
export const requestKey = (tag: string, digest: string): string => `order:{${tag}}:request:${digest}`;

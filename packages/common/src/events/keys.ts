/** The one event log of a partition. */
export const logKey = (tag: string): string => `choreography.deadline:{${tag}}`;

/** The log's index by order: ids of its events, and notes of what was ignored and why. */
export const indexKey = (tag: string, orderId: number | string): string =>
  `choreography.deadline.order:{${tag}}:${orderId}`;

/** Events that a group could not handle, with the reason. */
export const deadKey = (tag: string): string => `choreography.deadline.dead:{${tag}}`;

/** When which handed-back entry of a group is tried again: entry ids by due time in ms. */
export const retryKey = (tag: string, group: string): string => `choreography.deadline.retry:{${tag}}:${group}`;

/** Which consumers of a group are alive: their names by the time of their last heartbeat in ms. */
export const leaseKey = (tag: string, group: string): string => `choreography.deadline.lease:{${tag}}:${group}`;

/** The groups that read the log: nothing is trimmed that one of them has not passed. */
export const GROUPS = ['order', 'exchange', 'point', 'deadline'] as const;
export type Group = (typeof GROUPS)[number];

/** What was done with dead letters: sent again or given up, by whom it may concern later. */
export const deadRecordKey = (tag: string): string => `choreography.deadline.dead.record:{${tag}}`;

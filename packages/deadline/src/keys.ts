/** Every key that the deadline service owns. The scripts spell the same keys in `deadlineKeys.lua`. */
export const deadlineKey = (tag: string, orderId: number | string): string => `deadline:{${tag}}:${orderId}`;

/** Scheduled deadlines by their time: the truth about what is to fire when. */
export const dueKey = (tag: string): string => `deadline:{${tag}}:due`;

/** Cancelled and reached deadlines by the time at which they became so. */
export const closedKey = (tag: string): string => `deadline:{${tag}}:closed`;

/** What BullMQ's keys begin with: like every key of the partition they carry its tag. */
export const wakeUpPrefix = (tag: string): string => `{${tag}}`;
export const WAKE_UP_QUEUE = 'deadline-wake-ups';

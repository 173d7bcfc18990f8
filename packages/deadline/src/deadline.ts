/** The statuses of a deadline. */
export const DEADLINE_STATUSES = ['SCHEDULED', 'CANCELLED', 'REACHED'] as const;
export type DeadlineStatus = (typeof DEADLINE_STATUSES)[number];

/** When one order's time is over. Times in ms since 1970, by Redis' clock. */
export type Deadline = {
  orderId: number;
  status: DeadlineStatus;
  /** When the order was created; unknown where it was settled before this service heard of it. */
  startedTime: number | undefined;
  deadline: number;
  /** When it fired. */
  reachedAt: number | undefined;
};

const optionalNumber = (text: string | undefined) => (text === undefined ? undefined : Number(text));

/** Reads the record that the scripts wrote. */
export function deadlineOf(orderId: number, hash: Readonly<Record<string, string>>): Deadline {
  return {
    orderId,
    status: hash.status as DeadlineStatus,
    startedTime: optionalNumber(hash.startedTime),
    deadline: Number(hash.deadline),
    reachedAt: optionalNumber(hash.reachedAt),
  };
}

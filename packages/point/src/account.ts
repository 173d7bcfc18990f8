/**
 * A user's points. What holds at any moment, and can be checked from outside:
 * point = deposited - used, and used = the points of the user's USED transactions + usedArchived.
 */
export type Account = {
  userId: string;
  /** The balance. */
  point: number;
  /** Everything that was ever paid in, the first points included. */
  deposited: number;
  /** Everything that was taken and not given back. */
  used: number;
  /** The part of `used` whose transactions were removed after their retention. */
  usedArchived: number;
  createdAt: number;
};

/** Reads the record that the scripts wrote. */
export function accountOf(userId: string, hash: Readonly<Record<string, string>>): Account {
  return {
    userId,
    point: Number(hash.point),
    deposited: Number(hash.deposited),
    used: Number(hash.used),
    usedArchived: Number(hash.usedArchived),
    createdAt: Number(hash.createdAt),
  };
}

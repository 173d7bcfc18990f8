import type { Dice } from '../dice.ts';

export const USERS = 300;
/** They order and have no account. */
const STRANGERS = 5;

/** Currencies that orders come in: their rates, and how many of a thousand orders each gets. */
export const CURRENCIES: readonly { id: string; rate?: string; suspended?: boolean; share: number }[] = [
  { id: '1', share: 600 },
  { id: 'thirds', rate: '0.333333', share: 180 },
  { id: 'taxed', rate: '1.15', share: 180 },
  { id: 'frozen', rate: '2', suspended: true, share: 15 },
  // Rounds to no point at all for most amounts: an invalid price.
  { id: 'tiny', rate: '0.005', share: 15 },
  { id: '100', share: 5 },
  { id: '200', share: 5 },
];

/** The demonstration's two delays of ten seconds. */
export const DELAYED = ['100', '200'];

export type OrderBody = { holderId: string; currencyId: string; amount: number };

export function randomOrder(dice: Dice): OrderBody {
  const user = dice.between(0, USERS - 1);
  const holderId = dice.chance(0.01) ? `stranger-${user % STRANGERS}` : userName(user);
  return { holderId, currencyId: randomCurrency(dice), amount: dice.between(1, 200) };
}

function randomCurrency(dice: Dice): string {
  let left = dice.between(0, 999);
  for (const { id, share } of CURRENCIES) {
    if (left < share) return id;
    left -= share;
  }
  return '1';
}

export const userName = (index: number) => `user-${index}`;

/** Some are rich, some are soon out of points. */
export const firstPoints = (dice: Dice) => dice.between(200, 40_000);

import { UNREADABLE_RATE } from './groupMoves.ts';
import { RETENTION_MOMENT } from './moments.ts';
import type { Budget } from './move.ts';
import { PRICE, placing, type Setting } from './placing.ts';
import type { Scene } from './scene.ts';

/** How much of a scene is walked: all of it takes minutes, the bounded part belongs to the tests. */
export type Extent = 'full' | 'bounded';

type Plan = {
  name: string;
  about: string;
  setting: Setting;
  outcomes: readonly string[];
  /** What the adversary may do; a scene without a bounded part is walked in full runs only. */
  full: Partial<Budget>;
  bounded?: Partial<Budget>;
  /** Those of the outcomes that are left to the bounded part. */
  boundedOutcomes?: readonly string[];
};

/** An adversary that does nothing but choose what comes next, and a clock that goes past the retention. */
export const NO_BUDGET: Budget = {
  copies: 0,
  stepsBack: 0,
  deadLetters: 0,
  handBacks: 0,
  redrives: 0,
  lastMoment: RETENTION_MOMENT,
};

/** Whether it was cancelled before it came or came for nothing, a deadline decides on no outcome by itself. */
const withDeadline = (outcomes: readonly string[]) =>
  outcomes.flatMap((outcome) => [`${outcome} / CANCELLED`, `${outcome} / REACHED`]);

// What may be left of an order: order / exchange / points. Model-checked before there was any code.
const approved = ['APPROVED / EXCHANGED / USED'];
/** Rejected after its points were taken. */
const refunded = ['REJECTED DUE TO DEADLINE / COMPENSATED / REFUNDED'];
/** Rejected before its points were taken, or before it was exchanged. */
const late = ['REJECTED DUE TO DEADLINE / COMPENSATED / VOIDED', 'REJECTED DUE TO DEADLINE / VOIDED / none'];
/** The balance was too small; the deadline may still come first. */
const short = ['REJECTED DUE TO POINT LIMIT / COMPENSATED / FAILED', 'REJECTED DUE TO DEADLINE / COMPENSATED / FAILED'];
const unpriced = ['REJECTED DUE TO EXCHANGE ERROR / FAILED / none', 'REJECTED DUE TO DEADLINE / FAILED / none'];

/** Before any clock has reached the deadline. */
const inTime = ['APPROVED / EXCHANGED / USED / CANCELLED'];
const covered = withDeadline([...approved, ...refunded, ...late]);
const ownPoints = withDeadline([...approved, ...refunded]);
const tooShort = withDeadline(short);
const tooLate = withDeadline(late);

/**
 * Only order's own sweep rejects one whose points were not taken before its deadline fires, and only it overtakes an event
 * that point has sent in time.
 */
const needsNoSweep = (outcome: string) =>
  !/DEADLINE \/ (COMPENSATED \/ FAILED|(COMPENSATED \/ VOIDED|VOIDED \/ none) \/ CANCELLED)/.test(outcome);

const pairs = (firsts: readonly string[], seconds: readonly string[], between: string) =>
  firsts.flatMap((first) => seconds.map((second) => `${first}${between}${second}`));

/** Only one of two can have the points, and only then can the other be short of them. */
const firstHasThem = pairs(ownPoints, [...tooShort, ...tooLate], '; ');
const secondHasThem = pairs([...tooShort, ...tooLate], ownPoints, '; ');
const nobodyHasThem = pairs(tooLate, tooLate, '; ');
/**
 * One retry lets the second order go first where its points are taken. The deadline service then reads in order: what was
 * settled first is cancelled first, and is not the one whose deadline fires.
 */
const takesOneRetry = (outcome: string) =>
  !/CANCELLED; APPROVED .* REACHED|POINT LIMIT .* CANCELLED; .* REFUNDED \/ REACHED/.test(outcome);

/** Each group reads the log in its order: the second order never comes further than the first, unless an entry is retried. */
const inOrder = nobodyHasThem.filter((outcome) => !/VOIDED \/ none .*; .*COMPENSATED/.test(outcome));

const PLANS: readonly Plan[] = [
  {
    name: 'one',
    about: 'an order is placed on an account that just covers it',
    setting: { orders: 1, partitions: 1, deposited: PRICE },
    outcomes: covered,
    bounded: { handBacks: 1, stepsBack: 1, lastMoment: 2 },
    full: { stepsBack: 1, handBacks: 1 },
  },
  {
    name: 'mixed',
    about: 'an order is placed on an account that just covers it, and one event comes twice while another waits',
    setting: { orders: 1, partitions: 1, deposited: PRICE },
    outcomes: covered,
    full: { copies: 1, stepsBack: 1, handBacks: 1, lastMoment: 2 },
  },
  {
    name: 'forgotten',
    about: 'an order is placed on an account that just covers it, and an event comes again when all may be forgotten',
    setting: { orders: 1, partitions: 1, deposited: PRICE },
    outcomes: covered,
    full: { copies: 1 },
  },
  {
    name: 'sleeping',
    about: 'an order is placed in a currency whose exchange sleeps before it looks at the clock',
    setting: { orders: 1, partitions: 1, deposited: PRICE, currencyId: '100' },
    outcomes: covered,
    bounded: { lastMoment: 2 },
    full: { copies: 1, stepsBack: 1, lastMoment: 2 },
  },
  {
    name: 'checking',
    about: 'an order is placed in a currency whose exchange looks at the clock and sleeps before it writes',
    setting: { orders: 1, partitions: 1, deposited: PRICE, currencyId: '200' },
    outcomes: covered,
    bounded: { stepsBack: 1, lastMoment: 2 },
    full: { copies: 1, stepsBack: 1, lastMoment: 2 },
  },
  {
    name: 'copied',
    about: 'an order is placed on an account that just covers it, and every event may come three times',
    setting: { orders: 1, partitions: 1, deposited: PRICE },
    outcomes: covered,
    bounded: { copies: 1, lastMoment: 2 },
    full: { copies: 2, lastMoment: 2 },
  },
  {
    name: 'dead',
    about: 'an order is placed on an account that just covers it, and events become dead letters and are sent again',
    setting: { orders: 1, partitions: 1, deposited: PRICE },
    outcomes: covered,
    bounded: { deadLetters: 1, handBacks: 1, redrives: 1, lastMoment: 2 },
    full: { deadLetters: 1, stepsBack: 1, handBacks: 1, redrives: 1 },
  },
  {
    name: 'short',
    about: 'an order is placed on an account that does not cover it',
    setting: { orders: 1, partitions: 1, deposited: PRICE - 1 },
    outcomes: withDeadline([...short, ...late]),
    bounded: { copies: 1, lastMoment: 2 },
    full: { copies: 1, stepsBack: 1, handBacks: 1, lastMoment: 2 },
  },
  {
    name: 'suspended',
    about: 'an order is placed in a suspended currency',
    setting: { orders: 1, partitions: 1, deposited: PRICE, rate: '1000000:1' },
    outcomes: withDeadline([...unpriced, 'REJECTED DUE TO DEADLINE / VOIDED / none']),
    bounded: { handBacks: 1, stepsBack: 1, lastMoment: 2 },
    full: { stepsBack: 1, handBacks: 1 },
  },
  {
    name: 'broken',
    about: 'an order is placed in a currency whose rate no script can read before somebody mends it',
    setting: { orders: 1, partitions: 1, deposited: PRICE, rate: UNREADABLE_RATE },
    outcomes: covered,
    bounded: {},
    full: { stepsBack: 1, deadLetters: 1, handBacks: 1, redrives: 1 },
  },
  {
    name: 'two',
    about: 'two orders are placed on an account that covers one, and are handled in their order',
    setting: { orders: 2, partitions: 1, deposited: PRICE },
    outcomes: [...firstHasThem, ...inOrder],
    bounded: { lastMoment: 1 },
    boundedOutcomes: [...firstHasThem, ...inOrder].filter(needsNoSweep),
    full: {},
  },
  {
    name: 'overtaken',
    about: 'two orders are placed on an account that covers one, and events of the second go first',
    setting: { orders: 2, partitions: 1, deposited: PRICE },
    outcomes: [...firstHasThem, ...secondHasThem.filter(takesOneRetry), ...nobodyHasThem],
    full: { handBacks: 1, lastMoment: 2 },
  },
  {
    name: 'apart',
    about: 'an order is placed in each of two partitions',
    setting: { orders: 1, partitions: 2, deposited: PRICE },
    outcomes: pairs(covered.filter(needsNoSweep), covered.filter(needsNoSweep), ' | '),
    bounded: { lastMoment: 0 },
    boundedOutcomes: pairs(inTime, inTime, ' | '),
    full: { lastMoment: 1 },
  },
];

/** Every scene of this extent, with what the adversary may do in it. */
export function scenes(extent: Extent): Scene[] {
  return PLANS.flatMap(({ name, about, setting, outcomes: all, boundedOutcomes = all, [extent]: budget }) => {
    const { orders, partitions, deposited } = setting;
    const place = placing(setting);
    const outcomes = extent === 'bounded' ? boundedOutcomes : all;
    const scene = { name, about, orders, partitions, deposited, place, outcomes };
    return budget ? [{ ...scene, budget: { ...NO_BUDGET, ...budget } }] : [];
  });
}

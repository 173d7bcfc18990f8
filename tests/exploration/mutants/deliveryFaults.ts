import { type Group, logKey } from 'common/events/keys';
import { PlantedRunner } from '../../kit/plantedRunner.ts';
import { virtualClockLua } from '../../kit/virtualClock.ts';
import { contentOf } from '../canonical.ts';
import type { Move } from '../move.ts';
import { concerns, type Seen, type SeenEntry, unreadOf } from '../seen.ts';
import type { Mutant } from './mutant.ts';

/** The next entry of a group, where it is of this type, and how many it has to pass to read it. */
function nextOf(seen: Seen, name: Group, eventType: string): { entry: SeenEntry; count: number } | undefined {
  const group = seen.groups.find((each) => each.name === name);
  const unread = group ? unreadOf(group, seen.log) : [];
  const at = unread.findIndex((entry) => concerns(name, entry));
  const entry = unread[at];
  return entry?.fields.eventType === eventType ? { entry, count: at + 1 } : undefined;
}

/** A drain that dies between its two steps, besides all that can happen to one that has a single step. */
const alsoDying = (
  group: Group,
  eventType: string,
  how: string,
  run: (entry: SeenEntry, count: number) => Move['run'],
) => {
  return (moves: Move[], seen: Seen): Move[] => {
    const next = nextOf(seen, group, eventType);
    const [first] = moves;
    if (!next || !first) return moves;
    const label = `${group} ${how} ${contentOf(next.entry)}`;
    return [...moves, { label, fair: false, budget: first.budget, run: run(next.entry, next.count) }];
  };
};

const acknowledged = (group: Group, eventType: string) =>
  alsoDying(group, eventType, 'acknowledges and dies before it writes on', (_, count) => async ({ redis }, tag) => {
    await redis.xreadgroup('GROUP', group, 'c1', 'COUNT', count, 'NOACK', 'STREAMS', logKey(tag), '>');
    return undefined;
  });

const silent = new PlantedRunner({ clock: virtualClockLua }, [
  { file: 'plan', shipped: 'plan.eventId = emit(orderId, deadline, plan.emits, cause)', planted: 'plan.eventId = nil' },
]);

const written = (group: Group, eventType: string) =>
  alsoDying(group, eventType, 'writes and dies before it emits and acknowledges on', ({ id }, countMax) => {
    return async ({ redis, actors }, tag) => {
      const args = { tag, group, consumer: 'c1', countMax, trail: 0 };
      await silent.run(redis, actors[group].drain, { log: logKey(tag) }, args);
      await redis.xclaim(logKey(tag), group, 'c1', 0, id, 'FORCE', 'JUSTID');
      return undefined;
    };
  });

/** Delivery, effect and acknowledgement that come apart. */
export const DELIVERY_FAULTS: readonly Mutant[] = [
  {
    name: 'acknowledgedFirst',
    about: 'exchange acknowledges OrderRejected before it writes, and dies in between',
    faults: { moves: acknowledged('exchange', 'OrderRejected') },
    scene: 'one',
    byInvariants: true,
    caught: /I2: order 1 is REJECTED DUE TO DEADLINE, exchange EXCHANGED/,
    story: [
      /exchange drains OrderCreated/,
      /at the deadline/,
      /exchange acknowledges and dies before it writes on OrderRejected/,
    ],
    steps: 6,
  },
  {
    name: 'acknowledgedDeadline',
    about: 'order acknowledges PointUsed before it writes, and dies in between',
    faults: { moves: acknowledged('order', 'PointUsed') },
    scene: 'one',
    byInvariants: true,
    caught: /I8: all is done and order 1 still waits for its deadline/,
    story: [/point drains ExchangeSucceed/, /order acknowledges and dies before it writes on PointUsed/],
    steps: 4,
  },
  {
    name: 'writtenFirst',
    about: 'exchange writes COMPENSATED and dies before its event and its acknowledgement',
    faults: { moves: written('exchange', 'OrderRejected') },
    scene: 'one',
    byInvariants: true,
    caught: /I2: order 1 is REJECTED DUE TO DEADLINE, exchange COMPENSATED, points USED|I2: order 1 was REJECTED/,
    story: [
      /point drains ExchangeSucceed/,
      /exchange writes and dies before it emits and acknowledges on OrderRejected/,
      /handed back/,
    ],
    steps: 7,
  },
  {
    name: 'acknowledgementUnseen',
    about: 'a handled entry is not guarded by its acknowledgement',
    faults: {
      edits: [
        {
          file: 'handle',
          shipped: "if redis.call('XACK', log, group, id) == 0 then\n  return { 'DUPLICATE' }\nend",
          planted: "redis.call('XACK', log, group, id)",
        },
      ],
    },
    scene: 'one',
    caught: /I4: a stalled consumer was answered DONE instead of DUPLICATE/,
    story: [/drains OrderCreated/, /a stalled consumer of \w+ wakes up and handles OrderCreated/],
    steps: 2,
  },
  {
    name: 'errorOutsidePcall',
    about: 'a transition that fails ends the whole drain',
    faults: {
      edits: [
        {
          file: 'drain',
          shipped: 'local ok, result = pcall(run, entry[1], entry[2])',
          planted: 'local ok, result = true, run(entry[1], entry[2])',
        },
      ],
    },
    scene: 'broken',
    caught: /I6: the entry is lost/,
    story: [/exchange drains OrderCreated/],
    steps: 1,
  },
  {
    name: 'consumerDeletedEarly',
    about: 'a dead consumer is deleted before what it had is claimed',
    faults: {
      edits: [
        {
          file: 'heartbeat',
          shipped: "  local pending = redis.call('XPENDING', log, group, '-', '+', countMax, name)",
          planted: `  redis.call('XGROUP', 'DELCONSUMER', log, group, name)
  local pending = redis.call('XPENDING', log, group, '-', '+', countMax, name)`,
        },
      ],
    },
    scene: 'one',
    budget: { handBacks: 1 },
    caught: /I6: 1 pending entries went with their consumer/,
    story: [/hands OrderCreated 1 back/, /dies, and another claims what it had/],
    steps: 2,
  },
];

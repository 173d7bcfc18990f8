import type { Group } from 'common/events/keys';
import type { Edit } from '../../kit/plantedRunner.ts';
import { contentOf } from '../canonical.ts';
import { runHandle } from '../groupMoves.ts';
import { DUE_MS } from '../moments.ts';
import type { Move } from '../move.ts';
import type { Seen, SeenOrder } from '../seen.ts';
import { memoryKey } from '../worldKeys.ts';
import { preparedFor } from './clockFaults.ts';
import type { Mutant } from './mutant.ts';

type Split = {
  group: Group;
  event: string;
  /** What the check finds good. */
  isOpen: (order: SeenOrder) => boolean;
  edits: readonly Edit[];
};

const NOT_CHECKED = "prepared ~= 'checked'";

const SPLITS: readonly Split[] = [
  {
    group: 'exchange',
    event: 'OrderCreated',
    isOpen: ({ exchange }) => exchange.status === undefined,
    edits: [
      {
        file: 'recordExchange',
        shipped: "if status ~= 'none' then",
        planted: `if status ~= 'none' and ${NOT_CHECKED} then`,
      },
      { file: 'recordExchange', shipped: 'if now >= ', planted: `if ${NOT_CHECKED} and now >= ` },
    ],
  },
  {
    group: 'point',
    event: 'ExchangeSucceed',
    isOpen: ({ transaction }) => transaction.status === undefined,
    edits: [
      {
        file: 'usePoints',
        shipped: "if status ~= 'none' then",
        planted: `if status ~= 'none' and ${NOT_CHECKED} then`,
      },
      { file: 'usePoints', shipped: 'if now >= ', planted: `if ${NOT_CHECKED} and now >= ` },
    ],
  },
  {
    group: 'order',
    event: 'PointUsed',
    isOpen: ({ order }) => order.status === 'PENDING',
    edits: [
      {
        file: 'approve',
        shipped: 'openOrder(event, ',
        planted: "openOrder(event, prepared == 'checked' and 'CHECKED' or ",
      },
      {
        file: 'settle',
        shipped: "if order.status ~= 'PENDING' then",
        planted: "if order.status ~= 'PENDING' and wanted ~= 'CHECKED' then",
      },
      { file: 'approve', shipped: 'now < tonumber', planted: "(prepared == 'checked' or now < tonumber" },
      { file: 'approve', shipped: "deadline) and 'APPROVED'", planted: "deadline)) and 'APPROVED'" },
    ],
  },
];

/** The two steps of one that checks in its process and writes what it has found there later. */
const inTwoSteps =
  ({ group, event, isOpen }: Split) =>
  (moves: Move[], seen: Seen): Move[] => {
    const pending = seen.groups.find(({ name }) => name === group)?.pending ?? [];
    const entries = seen.log.filter(({ id, fields }) => pending.includes(id) && fields.eventType === event);
    const good = seen.now < DUE_MS && seen.orders.every(isOpen);
    const [first] = moves;
    if (!first) return moves;
    const step = (label: string, run: Move['run']): Move => ({ label, fair: true, budget: first.budget, run });
    const more = entries.flatMap((entry) => {
      const known = seen.memory[group] === entry.id;
      const check = step(`${group} checks ${contentOf(entry)}: it may be written`, async ({ redis }, tag) => {
        await redis.hset(memoryKey(tag), group, entry.id);
        return undefined;
      });
      const write = step(`${group} writes on ${contentOf(entry)} what it has checked`, async (worlds, tag) => {
        await runHandle(worlds, tag, group, entry.id, 'checked');
        await worlds.redis.hdel(memoryKey(tag), group);
        return undefined;
      });
      return known ? [write] : good ? [check] : [];
    });
    return [...moves, ...more];
  };

const LATE = { exchange: 'was exchanged', point: 'points were taken', order: 'was approved' };

/** A transition that is a check and, some time later, a write. */
export const SPLIT_FAULTS: readonly Mutant[] = SPLITS.map((split) => ({
  name: `${split.group}InTwoSteps`,
  about: `${split.group} checks ${split.event} in one step and writes it in another`,
  faults: { edits: [...preparedFor(split.group), ...split.edits], moves: inTwoSteps(split) },
  scene: 'one',
  budget: { handBacks: 1 },
  caught: new RegExp(`I3: .*${LATE[split.group as keyof typeof LATE]}`),
  story: [
    /hands/,
    new RegExp(`${split.group} checks ${split.event}`),
    /at the deadline/,
    new RegExp(`${split.group} writes on ${split.event}`),
  ],
  steps: { exchange: 4, point: 5, order: 6 }[split.group as keyof typeof LATE],
}));

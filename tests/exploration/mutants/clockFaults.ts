import type { Group } from 'common/events/keys';
import type { Edit } from '../../kit/plantedRunner.ts';
import type { Mutant } from './mutant.ts';

const CHECKS: Readonly<Record<'order' | 'exchange' | 'point', { file: string; shipped: string; late: string }>> = {
  order: { file: 'approve', shipped: 'now < tonumber(order.deadline)', late: 'approved' },
  exchange: { file: 'recordExchange', shipped: 'if now >= tonumber(event.deadline) then', late: 'exchanged' },
  point: { file: 'usePoints', shipped: 'if now >= tonumber(event.deadline) then', late: 'points were taken' },
};

const EVENTS = { order: 'PointUsed', exchange: 'OrderCreated', point: 'ExchangeSucceed' };

type Decider = keyof typeof CHECKS;
const DECIDERS: readonly Decider[] = ['order', 'exchange', 'point'];

const oneTooLate = (group: Decider): Mutant => {
  const { file, shipped, late } = CHECKS[group];
  const planted = shipped.includes('>=') ? shipped.replace('>=', '>') : shipped.replace('<', '<=');
  return {
    name: `${group}AtDeadline`,
    about: `${group} says > for >= at the deadline`,
    faults: { edits: [{ file, shipped, planted }] },
    scene: 'one',
    caught: new RegExp(`I3: .*${late}`),
    story: [/the clock goes on: at the deadline/, new RegExp(`${group} drains ${EVENTS[group]}`)],
    steps: { exchange: 2, point: 3, order: 4 }[group],
  };
};

/** What the work outside Redis has found counts, and the script does not look again. */
const trusting = (group: Decider): Mutant => {
  const { file, shipped, late } = CHECKS[group];
  const planted = shipped.startsWith('if ')
    ? shipped.replace('if ', 'if not prepared and ')
    : `(prepared or ${shipped})`;
  return {
    name: `${group}TrustsCheck`,
    about: `${group} looks at the expiry in TypeScript only, before the script`,
    faults: { edits: [...preparedFor(group), { file, shipped, planted }] },
    // The exchange has shipped work outside Redis, with such a check; to the others an entry must be handed back.
    scene: group === 'exchange' ? 'checking' : 'one',
    budget: { handBacks: group === 'exchange' ? 0 : 1 },
    caught: new RegExp(`I3: .*${late}`),
    story: [
      new RegExp(`${group} (hands|begins its work on) ${EVENTS[group]}`),
      /at the deadline/,
      new RegExp(`${group} handles ${EVENTS[group]}`),
    ],
    steps: { exchange: 4, point: 4, order: 5 }[group],
  };
};

/** Transitions that need nothing outside Redis take no `prepared`: the planted fault needs it. */
export function preparedFor(group: Group): Edit[] {
  const file = group === 'order' ? 'approve' : 'usePoints';
  const event = group === 'order' ? 'PointUsed' : 'ExchangeSucceed';
  const shipped = `function transitions.${event}(event)`;
  return group === 'exchange' ? [] : [{ file, shipped, planted: shipped.replace('(event)', '(event, prepared)') }];
}

const deadlineFiresLate: Mutant = {
  name: 'deadlineAtDeadline',
  about: 'deadline says > for >= and does not fire at the deadline',
  faults: { edits: [{ file: 'reachDue', shipped: 'if now < deadline then', planted: 'if now <= deadline then' }] },
  scene: 'one',
  caught: /I6: the deadline of order 1 is due and rests/,
  story: [/at the deadline/],
  steps: 3,
};

/** Guards that are wrong about the time. */
export const CLOCK_FAULTS: readonly Mutant[] = [
  ...DECIDERS.map(oneTooLate),
  deadlineFiresLate,
  ...DECIDERS.map(trusting),
  {
    name: 'fenceBeforeEvents',
    about: 'records are swept by deadline and retention only, while their events may still wait',
    faults: {
      edits: [
        {
          file: 'sweep',
          shipped: "return due ~= nil and due + retentionMs <= now and redis.call('EXISTS', indexKey(orderId)) == 0",
          planted: 'return due ~= nil and due + retentionMs <= now',
        },
      ],
      // What must change nothing would give it away before it does harm.
      moves: (moves) => moves.map((move) => ({ ...move, harmless: false })),
    },
    scene: 'one',
    byInvariants: true,
    caught: /I2: /,
    story: [/order drains PointUsed/, /the retention is over/, /exchange sweeps the records/],
    steps: 9,
  },
  {
    name: 'orderBeforeEvents',
    about: 'order sweeps orders whose events are still in the log',
    faults: {
      edits: [{ file: 'sweepOrders', shipped: ' or not isTrimmed(orderId) then', planted: ' then' }],
    },
    scene: 'one',
    caught: /I2: /,
    story: [/the retention is over/, /order sweeps the records/, /sweeps the records/],
    steps: 11,
  },
];

import {
  CATALOG,
  COMMON_FIELDS,
  EVENT_TYPES,
  EVENT_VERSION,
  type EventType,
  OPTIONAL_FIELDS,
  PUBLISHERS,
} from 'common/events/catalog';
import { type FieldKind, type Fields, MAX_INTEGER } from 'common/events/field';
import { subscriptions, type TransitionTable } from 'common/transitions/table';
import { fenced, markdownTable } from './transitionDocs.ts';

/** What a field that more than one event has means; a name that is missing here stops the rendering. */
const MEANINGS: Readonly<Record<string, string>> = {
  version: 'of the published language',
  orderId: 'the order that the event is about, in every event under this one name',
  timestamp: 'when the deciding script ran, in ms since 1970, by the clock of Redis',
  deadline: 'of the order, in ms since 1970',
  causationId: 'the stream id of the event that caused this one; absent on OrderCreated and on what a timer caused',
  traceparent: 'the trace that the order belongs to, where tracing is on',
  holderId: 'who placed the order',
  userId: 'whose points they are: the holder',
  currencyId: 'what is exchanged',
  amount: 'how much of it',
  rate: 'points for one unit, in millionths',
  reason: 'why',
  pointUsed: 'points that were taken',
  pointRefunded: 'points that were given back',
  lateMs: 'how long after the deadline',
};

/** `point` is the price for the exchange service and the balance for the point service. */
const meaningOf = (type: EventType, field: string): string => {
  const meaning = field === 'point' ? pointMeaning(type) : MEANINGS[field];
  if (meaning === undefined) throw new Error(`tools/eventDocs.ts has no words for ${type}.${field}: add them`);
  return meaning;
};

const pointMeaning = (type: EventType) =>
  PUBLISHERS[type] === 'point' ? 'the balance afterwards' : 'what the order costs, in points';

/** What a service does with what a later or an earlier release has written: tests/upgrade holds each of these. */
const UPGRADES = [
  '- An event of an unknown type is passed by.',
  '- A field that nobody declared is no fault. It stays where it is: in the log, in a dead letter, in what is sent again. It is not',
  '  copied into the events that an event causes.',
  `- An event of a later \`version\` than ${EVENT_VERSION} is not guessed at, but left to an instance that knows it: it is tried again as one`,
  '  that failed, by whichever instance of the group is there. After its attempts it is a dead letter FAILED whose cause says what',
  '  to upgrade, to be sent again afterwards. A compensation waits for ever.',
  '- `version` goes up where a field goes or means something else. Such a change takes two releases: the first one reads both and',
  '  publishes the old one, the second publishes the new one. Then nothing of the above happens in an upgrade, nor in going back',
  '  by one release.',
].join('\n');

/** docs/events.md: every event, who publishes it, who acts on it, and what its fields hold. */
export function eventsPage(tables: readonly TransitionTable[]): string {
  const parts = [
    [
      '# Events',
      '',
      'The published language: every event that travels through the log, one stream entry each, its fields flat and as text.',
      'The same declaration ([catalog.ts](../packages/common/src/events/catalog.ts)) gives the zod schema, the check in Lua',
      'and this page.',
    ].join('\n'),
    '## Releases side by side',
    UPGRADES,
    '## Who tells whom',
    flow(tables),
    '## What every event carries',
    fieldTable('OrderCreated', { ...COMMON_FIELDS, ...OPTIONAL_FIELDS }),
    'The last two may be absent.',
    '## What each event carries besides',
    ...EVENT_TYPES.map((type) => section(type, tables)),
  ];
  return `${parts.join('\n\n')}\n`;
}

function flow(tables: readonly TransitionTable[]): string {
  const arrows = tables.flatMap((table) => {
    const heard = Map.groupBy(subscriptions(table), (type) => PUBLISHERS[type]);
    return [...heard].map(([publisher, types]) => `    ${publisher} -->|${types.join('<br/>')}| ${table.actor}`);
  });
  return fenced('mermaid', ['flowchart LR', ...arrows].join('\n'));
}

function section(type: EventType, tables: readonly TransitionTable[]): string {
  const listeners = tables.filter((table) => subscriptions(table).includes(type)).map(({ actor }) => actor);
  const causes = tables.flatMap((table) =>
    table.rows.filter((row) => row.emits === type).map((row) => `\`${row.on}\``),
  );
  const heard =
    listeners.length === 0
      ? 'nobody acts on it: it is for whoever reads the log'
      : `${listeners.join(' and ')} act${listeners.length > 1 ? '' : 's'} on it`;
  return [
    `### ${type}`,
    `Published by ${PUBLISHERS[type]} on ${[...new Set(causes)].join(', ')}; ${heard}.`,
    fieldTable(type, CATALOG[type]),
  ].join('\n\n');
}

const fieldTable = (type: EventType, fields: Fields) =>
  markdownTable(
    ['field', 'holds', 'meaning'],
    Object.entries(fields).map(([name, kind]) => [`\`${name}\``, kindInWords(kind), meaningOf(type, name)]),
  );

function kindInWords(kind: FieldKind): string {
  switch (kind.kind) {
    case 'integer':
      if (kind.min === kind.max) return `always ${kind.min}`;
      return `whole number from ${kind.min} to ${kind.max === MAX_INTEGER ? '2^53 - 1' : kind.max.toLocaleString('en')}`;
    case 'text':
      return `text of 1 to ${kind.max} bytes`;
    case 'word':
      return kind.values.map((value) => `\`${value}\``).join(', ');
  }
}

import { type FieldKind, type Fields, integer, text, word } from './field.ts';

/** The longest identifier in bytes: 128 characters of up to 4 bytes. */
const ID_BYTES = 512;
const id = text(ID_BYTES);
const points = integer(1);
const balance = integer(0);

/**
 * Of the published language. It goes up where a reader of the version before could not do right by an event: a field that goes,
 * or means something else. A field that is added needs no other version, for nobody minds fields that it does not know.
 */
export const EVENT_VERSION = 1;

/** What every event carries besides its `eventType`. */
export const COMMON_FIELDS = {
  version: integer(1, EVENT_VERSION),
  orderId: integer(1),
  timestamp: integer(0),
  deadline: integer(0),
} as const satisfies Fields;

/** What an event may carry: the entry that caused it (never on OrderCreated), and the trace that it belongs to. */
export const OPTIONAL_FIELDS = { causationId: text(64), traceparent: text(128) } as const satisfies Fields;

export const REJECTION_REASONS = ['DEADLINE', 'POINT LIMIT', 'EXCHANGE ERROR'] as const;
const EXCHANGE_FAILURES = ['SUSPENDED', 'INVALID_PRICE'] as const;
export const POINT_FAILURES = ['INSUFFICIENT_POINTS', 'ACCOUNT_NOT_FOUND'] as const;

/** The published language: every event that travels through the log, with the fields that are its own. */
export const CATALOG = {
  OrderCreated: { holderId: id, currencyId: id, amount: points },
  OrderPlaced: { holderId: id },
  OrderRejected: { holderId: id, currencyId: id, amount: points, reason: word(...REJECTION_REASONS) },
  ExchangeSucceed: { userId: id, currencyId: id, amount: points, rate: integer(0, 1_000_000_000), point: points },
  ExchangeFailed: { userId: id, reason: word(...EXCHANGE_FAILURES) },
  ExchangeCompensated: { userId: id, point: points },
  PointUsed: { userId: id, pointUsed: points, point: balance },
  PointUseFailed: { userId: id, reason: word(...POINT_FAILURES), point: balance },
  PointUseCompensated: { userId: id, pointRefunded: points, point: balance },
  DeadlineReached: { lateMs: integer(0) },
} as const satisfies Record<string, Record<string, FieldKind>>;

export type EventType = keyof typeof CATALOG;

export const EVENT_TYPES = Object.keys(CATALOG) as EventType[];

/** Which service publishes an event; a test holds it against the transition tables. */
export const PUBLISHERS = {
  OrderCreated: 'order',
  OrderPlaced: 'order',
  OrderRejected: 'order',
  ExchangeSucceed: 'exchange',
  ExchangeFailed: 'exchange',
  ExchangeCompensated: 'exchange',
  PointUsed: 'point',
  PointUseFailed: 'point',
  PointUseCompensated: 'point',
  DeadlineReached: 'deadline',
} as const satisfies Record<EventType, string>;

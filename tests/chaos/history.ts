import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';

/** When a request was sent and what came back. Times in ms since 1970, of the machine that Redis runs on too. */
type Exchange = {
  sentAt: number;
  answeredAt: number;
  /** The HTTP status; 0 where no answer came. */
  status: number;
  error?: string;
};

/** One attempt to place an order; several with one key are one request. */
export type OrderAttempt = Exchange & {
  kind: 'order';
  key: string;
  holderId: string;
  currencyId: string;
  amount: number;
  /** What a 201 has said. */
  order?: { id: number; createdAt: number };
};

/** One attempt to open an account or to pay in. */
export type PaymentAttempt = Exchange & { kind: 'payment'; route: string; key: string; userId: string; point: number };

/** What a client has seen of an order that it had placed. */
export type OrderRead = Exchange & {
  kind: 'read';
  order: { id: number; createdAt: number };
  orderStatus?: string;
};

/** What a fault has kept from working: Redis for everybody, or the service that settles. */
export type Outage = 'redis' | 'order';

/** One fault, from its first act to the moment in which its undoing was seen to work. */
export type FaultRecord = {
  kind: 'fault';
  name: string;
  detail: string;
  from: number;
  to: number;
  /** Undefined where settling has to go on. */
  outage?: Outage;
  /** How much later than `to` connections may be back: the time in which a client notices and connects again. */
  returnMs: number;
  /**
   * Redis was killed: when it was dead, and from when on writes may be lost where the file's tail was cut or not synced;
   * `wroteUntil`: its last moment, where that is known better than by its death.
   */
  killed?: { at: number; lostFrom?: number; wroteUntil?: number };
  /** Redis was at its `maxmemory`: settling had to go on all the while. */
  full?: { from: number; to: number };
};

/** A time in which Redis or the order service did not answer, for whatever reason. */
export type Stall = { kind: 'stall'; of: 'Redis' | 'order'; from: number; to: number };

export type HistoryLine = OrderAttempt | PaymentAttempt | OrderRead | FaultRecord | Stall;

/** Writes what happens as JSON lines: memory does not grow with the run. */
export class HistoryFile {
  readonly #stream;
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    this.#stream = createWriteStream(path);
  }

  add(line: HistoryLine): void {
    this.#stream.write(`${JSON.stringify(line)}\n`);
  }

  async close(): Promise<void> {
    this.#stream.end();
    await finished(this.#stream);
  }
}

/** Everything that one run has seen, for the checker. */
export type History = {
  /** Attempts by key. */
  orders: Map<string, OrderAttempt[]>;
  payments: Map<string, PaymentAttempt[]>;
  reads: OrderRead[];
  faults: FaultRecord[];
  stalls: Stall[];
  /** Ends of a service that nobody had asked for. */
  crashes: string[];
};

export const emptyHistory = (): History => ({
  orders: new Map(),
  payments: new Map(),
  reads: [],
  faults: [],
  stalls: [],
  crashes: [],
});

export async function readHistory(path: string): Promise<History> {
  const history = emptyHistory();
  for await (const line of createInterface({ input: createReadStream(path) })) {
    addLine(history, JSON.parse(line) as HistoryLine);
  }
  return history;
}

function addLine(history: History, line: HistoryLine): void {
  if (line.kind === 'order') group(history.orders, line);
  else if (line.kind === 'payment') group(history.payments, line);
  else if (line.kind === 'read') history.reads.push(line);
  else if (line.kind === 'stall') history.stalls.push(line);
  else history.faults.push(line);
}

function group<T extends { key: string }>(groups: Map<string, T[]>, line: T): void {
  const known = groups.get(line.key);
  if (known) known.push(line);
  else groups.set(line.key, [line]);
}

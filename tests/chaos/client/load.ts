import { setTimeout as wait } from 'node:timers/promises';
import { Dice } from '../dice.ts';
import type { HistoryFile, OrderAttempt } from '../history.ts';
import { firstPoints, type OrderBody, randomOrder, USERS, userName } from './requests.ts';
import { Wire } from './wire.ts';

const TICK_MS = 10;
const IN_FLIGHT_MAX = 300;
const REQUEST_MS_MAX = 60_000;
/** Shares of all orders or requests. */
const GIVES_UP = 0.02;
const REPEATS = 0.02;
const READS = 0.03;
const DEPOSITS = 0.05;
const ORDERS_PER_SEED = 1_000_003;

export type LoadCounts = { orders: number; accepted: number; payments: number; inFlight: number };

type Post = { path: string; key: string; body: object; expected: number };

/** Many users who order and pay in at a steady rate, and ask again with the same key until they have an answer. */
export class Load {
  readonly counts: LoadCounts = { orders: 0, accepted: 0, payments: 0, inFlight: 0 };
  /** By request and status, 0 for no answer. */
  readonly answers = new Map<string, number>();
  readonly #wire: Wire;
  readonly #history: HistoryFile;
  readonly #seed: number;
  readonly #dice: Dice;
  readonly #running = new Set<Promise<void>>();

  constructor(gateway: string, history: HistoryFile, seed: number) {
    this.#wire = new Wire(gateway);
    this.#history = history;
    this.#seed = seed;
    this.#dice = new Dice(seed);
  }

  async openAccounts(): Promise<void> {
    for (let i = 0; i < USERS; i++) {
      await this.#pay('/points', `open-${i}`, userName(i), firstPoints(this.#dice), 201);
    }
  }

  /** Places `orders` orders, spread over `seconds` or over as much longer as the answers need. */
  async run(orders: number, seconds: number, signal: AbortSignal): Promise<void> {
    const begun = performance.now();
    while (this.counts.orders < orders && !signal.aborted) {
      const due = Math.min(orders, Math.ceil(((performance.now() - begun) * orders) / (seconds * 1_000)));
      while (this.counts.orders < due && this.#running.size < IN_FLIGHT_MAX) this.#issue();
      await wait(TICK_MS);
    }
    await Promise.all(this.#running);
  }

  close(): Promise<void> {
    return this.#wire.close();
  }

  #issue(): void {
    this.counts.orders += 1;
    // Of a die of its own: which order is asked for does not depend on how soon others were answered.
    const body = randomOrder(new Dice(this.#seed * ORDERS_PER_SEED + this.counts.orders));
    this.#track(this.#order(`order-${this.counts.orders}`, body));
    if (this.#dice.chance(DEPOSITS)) {
      const user = userName(this.#dice.between(0, USERS - 1));
      this.counts.payments += 1;
      const key = `deposit-${this.counts.payments}`;
      this.#track(this.#pay(`/points/${user}/deposits`, key, user, this.#dice.between(1, 3_000), 200));
    }
  }

  #track(work: Promise<void>): void {
    this.#running.add(work);
    this.counts.inFlight = this.#running.size;
    void work.finally(() => {
      this.#running.delete(work);
      this.counts.inFlight = this.#running.size;
    });
  }

  async #order(key: string, body: OrderBody): Promise<void> {
    const post = { path: '/orders', key, body, expected: 201 };
    const placed = (): Promise<OrderAttempt> => this.#placeOnce(post, body);
    const last = await this.#untilAnswered(placed, 201);
    if (!last.order) return;
    this.counts.accepted += 1;
    if (this.#dice.chance(REPEATS)) await placed();
    if (this.#dice.chance(READS)) await this.#read(last.order);
  }

  async #placeOnce(post: Post, body: OrderBody): Promise<OrderAttempt> {
    const { body: answer, ...exchange } = await this.#post(post);
    const order = { id: Number(answer.id), createdAt: Date.parse(String(answer.createdAt)) };
    const attempt: OrderAttempt = { kind: 'order', key: post.key, ...body, ...exchange };
    if (exchange.status === post.expected) attempt.order = order;
    this.#history.add(attempt);
    return attempt;
  }

  async #pay(path: string, key: string, userId: string, point: number, expected: number): Promise<void> {
    const body = expected === 201 ? { userId, point } : { point };
    const route = expected === 201 ? 'POST /points' : 'POST /points/:userId/deposits';
    const paid = async () => {
      const { body: _, ...exchange } = await this.#post({ path, key, body, expected });
      this.#history.add({ kind: 'payment', route, key, userId, point, ...exchange });
      return exchange;
    };
    await this.#untilAnswered(paid, expected);
  }

  async #read(order: { id: number; createdAt: number }): Promise<void> {
    const { body, ...exchange } = await this.#wire.send('GET', `/orders/${order.id}`, {
      headers: { prefer: 'wait=15' },
      timeoutMs: 20_000,
    });
    this.#count('GET /orders/:id', exchange.status);
    const same = Date.parse(String(body.createdAt)) === order.createdAt;
    const seen = same && { orderStatus: String(body.status) };
    this.#history.add({ kind: 'read', order, ...exchange, ...(exchange.status === 200 && seen) });
  }

  /** Asks until there is an answer that is not "later", or nobody is patient any more. */
  async #untilAnswered<T extends { status: number }>(attempt: () => Promise<T>, expected: number): Promise<T> {
    const begun = performance.now();
    const impatient = this.#dice.chance(GIVES_UP);
    for (;;) {
      const last = await attempt();
      const later = last.status === 0 || last.status >= 500;
      const over = performance.now() - begun > REQUEST_MS_MAX;
      if (last.status === expected || !later || impatient || over) return last;
      await wait(this.#dice.between(100, 1_000));
    }
  }

  async #post({ path, key, body }: Post) {
    const answer = await this.#wire.send('POST', path, { body, headers: { 'idempotency-key': key } });
    this.#count(path.startsWith('/orders') ? 'POST /orders' : 'POST /points', answer.status);
    return answer;
  }

  #count(request: string, status: number): void {
    const name = `${request} ${status}`;
    this.answers.set(name, (this.answers.get(name) ?? 0) + 1);
  }
}

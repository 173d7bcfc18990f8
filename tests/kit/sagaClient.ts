import { z } from 'zod';
import { until } from './until.ts';

const orderShape = z.object({
  id: z.number(),
  holderId: z.string(),
  currencyId: z.string(),
  amount: z.number(),
  status: z.string(),
  createdAt: z.string(),
  deadline: z.string(),
  settledAt: z.string().optional(),
});
const historyShape = z.object({
  items: z.array(z.looseObject({ id: z.string(), eventType: z.string() })),
  ignored: z.array(z.object({ group: z.string(), eventId: z.string(), why: z.string(), lateMs: z.number() })),
});
const accountShape = z.object({ userId: z.string(), point: z.number(), deposited: z.number(), used: z.number() });
const recordShape = z.looseObject({ status: z.string() });
const pageShape = z.object({ items: z.array(z.looseObject({})), nextCursor: z.string().nullable() });

export type Order = z.output<typeof orderShape>;
export type Answer = { status: number; headers: Headers; body: unknown };
export type Body = Readonly<Record<string, unknown>> | string;

/** An order as a user asks for it; amounts go out as strings, as HTTPie sends them. */
export type Asked = { holderId: string; currencyId?: string; amount: number };

/** What a user does with the system, over HTTP alone, through one URL. */
export class SagaClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** One request as it is; a body that is text goes out as it stands, labelled as JSON. */
  async ask(
    method: string,
    path: string,
    body?: Body,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const labelled = body === undefined ? headers : { 'content-type': 'application/json', ...headers };
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const answer = await fetch(this.#url + path, { method, headers: labelled, ...sent });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return { status: answer.status, headers: answer.headers, body: isJson && text !== '' ? JSON.parse(text) : text };
  }

  /** The answer as it comes, for a stream. @param signal ends it */
  stream(path: string, signal: AbortSignal): Promise<Response> {
    return fetch(this.#url + path, { headers: { accept: 'text/event-stream' }, signal });
  }

  async openAccount(userId: string, point: number): Promise<void> {
    await this.#must(201, 'POST', '/points', { userId, point: String(point) });
  }

  async placeOrder(asked: Asked, headers: Readonly<Record<string, string>> = {}): Promise<Order> {
    const { holderId, currencyId = '1', amount } = asked;
    const body = { holderId, currencyId, amount: String(amount) };
    return orderShape.parse(await this.#must(201, 'POST', '/orders', body, headers));
  }

  /** @param waitS how long the server may wait for the order to settle */
  async order(id: number, waitS = 0): Promise<Order> {
    return orderShape.parse(await this.#must(200, 'GET', `/orders/${id}`, undefined, { prefer: `wait=${waitS}` }));
  }

  /** The order once it is settled. @throws where the server's wait of 20 s is over before */
  async settled(id: number): Promise<Order> {
    const order = await this.order(id, 20);
    if (order.status === 'PENDING') throw new Error(`order ${id} is still PENDING after 20 s`);
    return order;
  }

  async account(userId: string) {
    return accountShape.parse(await this.#must(200, 'GET', `/points/${userId}`));
  }

  /** The status of what another service keeps about an order; undefined where it keeps nothing. */
  async statusOf(kind: 'exchanges' | 'transactions' | 'deadlines', orderId: number): Promise<string | undefined> {
    const { status, body } = await this.ask('GET', `/${kind}/${orderId}`);
    return status === 404 ? undefined : recordShape.parse(body).status;
  }

  async list(path: string): Promise<Record<string, unknown>[]> {
    return pageShape.parse(await this.#must(200, 'GET', path)).items;
  }

  async history(id: number) {
    return historyShape.parse(await this.#must(200, 'GET', `/orders/${id}/events`));
  }

  async eventTypes(id: number): Promise<string[]> {
    return (await this.history(id)).items.map(({ eventType }) => eventType);
  }

  /** Waits until the log holds as many events of an order, and answers all that it holds. */
  async eventsOnce(id: number, count: number): Promise<string[]> {
    await until(`order ${id} to have ${count} events`, async () => (await this.eventTypes(id)).length >= count);
    return this.eventTypes(id);
  }

  /** Waits until a service has noted why it ignored an event of an order. */
  async ignoredBy(group: string, id: number, timeoutMs = 5_000) {
    const noted = async () => (await this.history(id)).ignored.find((note) => note.group === group);
    return until(`${group} to note what it ignored of order ${id}`, noted, { timeoutMs, pauseMs: 50 });
  }

  async #must(expected: number, ...request: Parameters<SagaClient['ask']>): Promise<unknown> {
    const { status, body } = await this.ask(...request);
    if (status === expected) return body;
    throw new Error(`${request[0]} ${request[1]} answered ${status}, not ${expected}: ${JSON.stringify(body)}`);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { HttpConnection } from './httpConnection.ts';

/** Those who have an account. */
export const USERS: readonly string[] = Array.from({ length: 500 }, (_, i) => `user-${i}`);
const POINTS = 9_000_000_000;

/** Places orders that can all be approved, on a number of kept-alive connections to the gateway. */
export class LoadGenerator {
  readonly #connections: readonly HttpConnection[];
  #placed = 0;

  private constructor(connections: readonly HttpConnection[]) {
    this.#connections = connections;
  }

  /** Opens the connections, and an account for every user. */
  static async start(gateway: string, connections: number): Promise<LoadGenerator> {
    const counter = await HttpConnection.open(gateway);
    for (const userId of USERS) {
      const { status, body } = await counter.post('/points', { userId, point: POINTS });
      if (status !== 201) throw new Error(`opening an account answered ${status}: ${body}`);
    }
    counter.close();
    return new LoadGenerator(
      await Promise.all(Array.from({ length: connections }, () => HttpConnection.open(gateway))),
    );
  }

  /** As fast as answers come back, one order at a time on each connection; answers counted by their status. */
  async asFastAsAnswered(seconds: number): Promise<Map<number, number>> {
    const statuses = new Map<number, number>();
    const end = performance.now() + seconds * 1_000;
    const place = async (connection: HttpConnection) => {
      while (performance.now() < end) {
        const { status } = await connection.post('/orders', this.#order());
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(this.#connections.map(place));
    return statuses;
  }

  /**
   * At a steady rate, whatever the answers do, each on a connection of its own while it waits.
   *
   * @returns ms from the moment when each order was due until its APPROVED was read, ascending
   * @throws Error where one is not approved, or more wait at once than there are connections
   */
  async atRate(perSecond: number, seconds: number): Promise<number[]> {
    const idle = [...this.#connections];
    const latencies: number[] = [];
    const approve = async (connection: HttpConnection, dueMs: number) => {
      const { status, body } = await connection.post('/orders', this.#order(), 'Prefer: wait=10\r\n');
      if (status !== 201 || !body.includes('"APPROVED"')) throw new Error(`an order was answered ${status}: ${body}`);
      latencies.push(performance.now() - dueMs);
      idle.push(connection);
    };
    const answers: Promise<void>[] = [];
    const began = performance.now();
    for (let i = 0; i < perSecond * seconds; i++) {
      const dueMs = began + (i * 1_000) / perSecond;
      const earlyMs = dueMs - performance.now();
      if (earlyMs > 0) await sleep(earlyMs);
      const connection = idle.pop();
      if (connection === undefined) throw new Error(`${this.#connections.length} orders wait at once: too many`);
      answers.push(approve(connection, dueMs));
    }
    await Promise.all(answers);
    return latencies.sort((a, b) => a - b);
  }

  stop(): void {
    for (const connection of this.#connections) connection.close();
  }

  #order(): object {
    const n = this.#placed++;
    return { holderId: USERS[n % USERS.length], currencyId: '1', amount: 1 + (n % 100) };
  }
}

import { Pool } from 'undici';

export type Answer = {
  sentAt: number;
  answeredAt: number;
  status: number;
  error?: string;
  body: Record<string, unknown>;
};

const CONNECTIONS = 400;

/** Sends requests to the gateway and tells what came back, or that nothing did; it never throws. */
export class Wire {
  readonly #pool: Pool;

  constructor(url: string) {
    this.#pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  }

  /** @param timeoutMs when to take the answer for lost */
  async send(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    options: { body?: object; headers?: Record<string, string>; timeoutMs?: number } = {},
  ): Promise<Answer> {
    const { body, headers, timeoutMs = 4_000 } = options;
    const sentAt = Date.now();
    try {
      const response = await this.#pool.request({
        method,
        path,
        headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.body.text();
      return { sentAt, answeredAt: Date.now(), status: response.statusCode, body: parsed(text) };
    } catch (error) {
      const said = error instanceof Error ? `${error.name} ${error.message}` : String(error);
      return { sentAt, answeredAt: Date.now(), status: 0, error: said, body: {} };
    }
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

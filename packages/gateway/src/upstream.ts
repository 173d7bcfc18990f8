import type { BackendName, ServiceConfig } from 'common/config/readConfig';
import { backendNames } from 'common/config/readConfig';
import { Pool } from 'undici';

/** Shorter than the server's (75 s, listen.ts): we let an idle connection go first, so none dies under a request. */
const idleMs = 30_000;
const connectMs = 2000;
/** A service answers within seconds, whatever Redis does (its commands end after 5 s), but for one that is asked to wait. */
const headersMs = 10_000;
/** Longer than the longest `Prefer: wait` (30 s). */
const waitingHeadersMs = 40_000;
/** Streams send a heartbeat every 15 s; a body that is silent for longer than this has no writer any more. */
const bodyMs = 60_000;

/** One service behind the gateway, with its own kept-alive connections. */
export type Upstream = { name: BackendName; url: string; pool: Pool };

export type Upstreams = Readonly<Record<BackendName, Upstream>>;

/** How long the head of an answer may take. @param prefer the request's `Prefer`, which may ask for a wait */
export function headersTimeoutMs(prefer: string | string[] | undefined): number {
  return prefer === undefined ? headersMs : waitingHeadersMs;
}

/** The services behind the gateway; nothing connects before the first request. */
export function createUpstreams({ upstreams }: Pick<ServiceConfig, 'upstreams'>): Upstreams {
  const open = (name: BackendName): Upstream => {
    const url = upstreams[name];
    const pool = new Pool(url, {
      // One request a connection: an answer that waits (Prefer: wait, a stream) holds up no other.
      pipelining: 1,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
      connectTimeout: connectMs,
      bodyTimeout: bodyMs,
    });
    return { name, url, pool };
  };
  return { order: open('order'), exchange: open('exchange'), point: open('point'), deadline: open('deadline') };
}

/** Cuts every connection to them. */
export async function closeUpstreams(upstreams: Upstreams): Promise<void> {
  await Promise.all(backendNames.map((name) => upstreams[name].pool.destroy()));
}

import type { BackendName } from 'common/config/readConfig';

/** Which service answers for what, by the first word of the path. */
const routeTable = {
  orders: 'order',
  exchanges: 'exchange',
  rates: 'exchange',
  points: 'point',
  transactions: 'point',
  deadlines: 'deadline',
} as const satisfies Record<string, BackendName>;

const backends: ReadonlyMap<string, BackendName> = new Map(Object.entries(routeTable));

/** The path and query of an absolute URL, as its client wrote them. */
export function targetOf(url: string): string {
  return url.slice(url.indexOf('/', url.indexOf('//') + 2));
}

/** The service that answers for a path; undefined for the gateway's own. */
export function backendOf(target: string): BackendName | undefined {
  return backends.get(/^\/([a-z]+)(?:[/?]|$)/.exec(target)?.[1] ?? '');
}

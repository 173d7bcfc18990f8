import { portOf } from '../services/serviceEnvironment.ts';
import type { ServiceName } from '../services/serviceNames.ts';

type Request = { what: string; method: 'GET' | 'POST'; path: string; body?: Record<string, string | number> };

const order = (what: string, currencyId: string, amount: number): Request => ({
  what,
  method: 'POST',
  path: '/orders',
  body: { holderId: 'jjy', currencyId, amount },
});

const requests: readonly Request[] = [
  { what: 'give jjy 10,000 points', method: 'POST', path: '/points', body: { userId: 'jjy', point: 10_000 } },
  order('an order that is approved', '1', 500),
  order('more points than jjy has: rejected', '1', 50_000),
  order('an exchange that takes too long: rejected at the deadline, 10 s from now', '100', 500),
  order('one that expires in the middle of it: rejected, nothing taken', '200', 500),
  { what: 'the first order, and its events', method: 'GET', path: '/orders/1' },
  { what: '', method: 'GET', path: '/orders/1/events' },
  { what: 'points, exchanges, transactions, deadlines', method: 'GET', path: '/points/jjy' },
  { what: '', method: 'GET', path: '/exchanges' },
  { what: '', method: 'GET', path: '/transactions' },
  { what: '', method: 'GET', path: '/deadlines' },
];

/** Commands to paste into another terminal, through the gateway; without a gateway, where the services' pages are. */
export function tryNext(names: readonly ServiceName[], portOffset: number): string {
  if (!names.includes('gateway')) {
    const pages = names.map((name) => `  http://localhost:${portOf(name, portOffset)}/docs`);
    return ['What each service answers:', ...pages].join('\n');
  }
  const port = portOf('gateway', portOffset);
  return [
    'Try next, in another terminal, with HTTPie or with curl:',
    ...requests.flatMap((request) => [
      ...(request.what === '' ? [] : [`  # ${request.what}`]),
      `  ${httpie(request, port)}`,
      `  ${curl(request, port)}`,
    ]),
    "  # exchange away: type 'stop exchange' here, place an order, wait 10 s, then 'start exchange'",
    `Every request there is, to read and to try: http://localhost:${port}/docs`,
  ].join('\n');
}

function httpie({ method, path, body = {} }: Request, port: number): string {
  const fields = Object.entries(body).map(([name, value]) => `${name}=${value}`);
  return ['http', ...(method === 'GET' ? [] : [method]), `:${port}${path}`, ...fields].join(' ');
}

function curl({ method, path, body }: Request, port: number): string {
  const url = `localhost:${port}${path}`;
  if (method === 'GET') return `curl -s ${url}`;
  return `curl -s ${url} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
}

import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';

/** Of one connection only (RFC 9110, 7.6.1), or made anew by each hop; `expect` was answered by our own server. */
const ofOneHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'content-length',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);

/** What a client's `Connection` header names is of that connection too. */
function namedByConnection(connection: string | undefined): readonly string[] {
  if (connection === undefined || connection === 'keep-alive') return [];
  return connection.split(',').map((name) => name.trim().toLowerCase());
}

/** The headers of a request as they go to a service: a flat list of names and values, as the client wrote them. */
export function requestHeaders(incoming: IncomingMessage): string[] {
  const { rawHeaders, headers, socket } = incoming;
  const named = namedByConnection(headers.connection);
  const passed: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = [rawHeaders[index], rawHeaders[index + 1]];
    const lower = name.toLowerCase();
    if (!ofOneHop.has(lower) && !named.includes(lower)) passed.push(name, value);
  }
  const before = headers['x-forwarded-for'];
  const client = socket.remoteAddress ?? 'unknown';
  passed.push('X-Forwarded-For', before === undefined ? client : `${before}, ${client}`);
  passed.push('X-Forwarded-Proto', 'http');
  if (headers.host !== undefined) passed.push('X-Forwarded-Host', headers.host);
  return passed;
}

/** The headers of an answer as they go to the client. */
export function responseHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = namedByConnection(headers.connection);
  const passed: OutgoingHttpHeaders = {};
  for (const name in headers) {
    if (name === 'content-length' || (!ofOneHop.has(name) && !named.includes(name))) passed[name] = headers[name];
  }
  return passed;
}

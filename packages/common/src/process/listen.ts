import { createServer, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { StartRefusal } from 'common/config/startRefusal';
import { problemBody } from 'common/http/problem';
import type { Service } from './service.ts';

/** Longer than any client of ours keeps a connection idle (gateway: 30 s), so that the client closes first, never we. */
const keepAliveTimeoutMs = 75_000;
const headersTimeoutMs = 20_000;
const idleCheckMs = 25;
/** A connection that was just made asks something within this time, or is one that a browser has made ahead. */
const unaskedGraceMs = 100;

export type Listening = {
  port: number;
  url: string;
  /** Accepts nothing more, asks streams and waits to end, gives answers under way `graceMs`, then cuts them off. */
  close(graceMs: number): Promise<void>;
};

/**
 * Serves `fetch` over HTTP. Each request is handed `{ incoming, outgoing, stopping }` (see `AppEnv`).
 *
 * @param port 0 takes a free one
 * @throws StartRefusal where the address cannot be listened on: the port is busy, the host is not of this machine
 */
export async function listen(
  fetch: Service['fetch'],
  { host, port }: { host: string; port: number },
): Promise<Listening> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const server = createServer(
    // A request without Host is refused by getRequestListener, as a problem; Node's own refusal is empty.
    { keepAliveTimeout: keepAliveTimeoutMs, headersTimeout: headersTimeoutMs, requireHostHeader: false },
    getRequestListener((request, bindings) => fetch(request, { ...bindings, stopping: signal }), {
      errorHandler: (error) => badRequest(error instanceof Error ? error.message : String(error)),
    }),
  );
  server.on('clientError', answerUnreadable);
  // Node counts a connection that has not asked anything yet as busy: a browser that connects ahead would hold up the end.
  const unasked = new Set<Socket>();
  server.on('connection', (socket) => {
    unasked.add(socket);
    socket.once('close', () => unasked.delete(socket));
  });
  const answering = new Set<ServerResponse>();
  server.on('request', ({ socket }, outgoing) => {
    unasked.delete(socket);
    answering.add(outgoing);
    outgoing.once('close', () => answering.delete(outgoing));
    if (signal.aborted) askLast(outgoing);
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', (error) => listening.reject(new StartRefusal(refusal(error, host, port))));
  server.listen(port, host, () => listening.resolve());
  await listening.promise;
  const { port: actual } = server.address() as AddressInfo;

  const close = async (graceMs: number) => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    stopping.abort();
    for (const outgoing of answering) askLast(outgoing);
    const hangUp = setTimeout(() => {
      for (const socket of unasked) socket.destroy();
    }, unaskedGraceMs);
    // A kept-alive connection that was busy at the call of close() is idle a moment later, and would stay.
    const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs);
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    await closed;
    clearInterval(idle);
    clearTimeout(hangUp);
    clearTimeout(cut);
  };
  return { port: actual, url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`, close };
}

/** Tells the client that its next request needs another connection: on this one it would be cut off. */
function askLast(outgoing: ServerResponse): void {
  if (!outgoing.headersSent) outgoing.setHeader('Connection', 'close');
}

function refusal(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'EADDRINUSE') return `port ${port} on ${host} is busy; stop what listens there or set PORT`;
  if (error.code === 'EACCES')
    return `port ${port} on ${host} needs rights that this user lacks; set PORT to 1024 or more`;
  return `cannot listen on ${host}, port ${port}: ${error.message}`;
}

function badRequest(detail: string): Response {
  const headers = { 'Content-Type': 'application/problem+json' };
  return new Response(JSON.stringify(problemBody(400, '/', { detail })), { status: 400, headers });
}

type ParseError = NodeJS.ErrnoException & { rawPacket?: Buffer };

/** Node's parser gave up before there was a request: the connection is answered by hand and closed. */
function answerUnreadable(error: ParseError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const { method, path } = unheardMethod(error) ?? {};
  const status = method === undefined ? (statusByCode[error.code ?? ''] ?? 400) : 405;
  const detail =
    method === undefined
      ? `The request cannot be read: ${error.message}`
      : `${method} is known nowhere, but ${methods}`;
  const body = JSON.stringify(problemBody(status, path ?? '/', { detail }));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\nContent-Type: application/problem+json\r\n` +
      `${method === undefined ? '' : `Allow: ${methods}\r\n`}` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

const statusByCode: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** All that our routes know: which of them a path takes is not known to a server that could not read the request. */
const methods = 'GET, HEAD, POST, PUT';
const requestLine = /^([\w!#$%&'*+.^`|~-]{1,64}) (\/[^ ?]{0,1024})\S* HTTP\/1\.[01]\r\n/;

/** A request that is well-formed but for a method that Node's parser has never heard of. */
function unheardMethod({ code, rawPacket }: ParseError): { method: string; path: string } | undefined {
  if (code !== 'HPE_INVALID_METHOD') return undefined;
  const [, method, path] = requestLine.exec(rawPacket?.toString('latin1') ?? '') ?? [];
  return method === undefined || path === undefined ? undefined : { method, path };
}

import type { Context } from 'hono';
import type { AppEnv } from './appEnv.ts';

const heartbeatMs = 15_000;
/** How much may wait for a client beyond what its socket takes. */
const roomBytes = 64 * 1024;
/** Told to the client: how long after a lost stream it comes back. */
const reconnectMs = 1000;

const streamHeaders = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  // Tells nginx and its like to pass each event on at once.
  'X-Accel-Buffering': 'no',
};

export type SseMessage = {
  /** JSON or text; a line break in it becomes a line of its own, as the format has it. */
  data: string;
  event?: string;
  /** What the client sends back as Last-Event-ID: see `formatPosition`. */
  id?: string;
};

/** The client asks for a stream rather than a list. */
export function wantsEventStream(c: Context): boolean {
  return c.req.header('accept')?.includes('text/event-stream') ?? false;
}

/** One message in the format of an event stream. */
export function formatMessage({ data, event, id }: SseMessage): string {
  const lines = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...data.split(/\r\n|\r|\n/).map((line) => `data: ${line}`),
  ];
  return `${lines.join('\n')}\n\n`;
}

/**
 * Answers a stream of events. It ends when `source` does, when the client goes, and when the process is asked to end; in
 * every case `signal` aborts and the source is returned, so that whoever feeds it lets go.
 *
 * The source is asked for a message only while the client has room, so nothing piles up here; a source that is fed from
 * outside must bound its own queue. A client that takes nothing for a whole heartbeat is dropped.
 *
 * @param source opens the stream; what it throws is answered as any handler's error
 * @example return sse(c, async (signal) => messagesOf(await tail.open({ signal, after: lastEventPosition(c) })))
 */
export async function sse(
  c: Context<AppEnv>,
  source: (signal: AbortSignal) => AsyncIterable<SseMessage> | Promise<AsyncIterable<SseMessage>>,
  { heartbeatEveryMs = heartbeatMs }: { heartbeatEveryMs?: number } = {},
): Promise<Response> {
  // A HEAD is answered with no body: nobody would read the stream, and nothing would end it.
  if (c.req.method === 'HEAD') return c.body(null, 200, streamHeaders);
  const ended = new AbortController();
  const stopping = c.env?.stopping;
  const signal = stopping ? AbortSignal.any([ended.signal, stopping]) : ended.signal;
  const messages = (await source(signal))[Symbol.asyncIterator]();
  const drop = () => c.env?.outgoing?.destroy();
  const stream = new ReadableStream<Uint8Array>(eventStream(messages, { ended, signal, heartbeatEveryMs, drop }), {
    highWaterMark: roomBytes,
    size: (chunk) => chunk.byteLength,
  });
  return c.body(stream, 200, streamHeaders);
}

type Ends = { ended: AbortController; signal: AbortSignal; heartbeatEveryMs: number; drop: () => void };

function eventStream(messages: AsyncIterator<SseMessage>, { ended, signal, heartbeatEveryMs, drop }: Ends) {
  const encoder = new TextEncoder();
  let timer: NodeJS.Timeout | undefined;
  let stalled = false;

  const end = (controller: ReadableStreamDefaultController<Uint8Array> | undefined) => {
    clearInterval(timer);
    if (timer === undefined) return;
    timer = undefined;
    ended.abort();
    controller?.close();
    // The source may be waiting for its next message; it ends by the signal, and a fault of its end concerns nobody here.
    messages.return?.().catch(() => {});
  };

  return {
    start(controller: ReadableStreamDefaultController<Uint8Array>) {
      // Sent at once, so that the client knows that it is connected before anything happens.
      controller.enqueue(encoder.encode(`retry: ${reconnectMs}\n: open\n\n`));
      timer = setInterval(() => {
        const full = (controller.desiredSize ?? 0) <= 0;
        if (full && stalled) {
          end(controller);
          // What waits in the socket would keep it open for as long as nobody reads.
          drop();
        } else if (!full) controller.enqueue(encoder.encode(': heartbeat\n\n'));
        stalled = full;
      }, heartbeatEveryMs).unref();
      signal.addEventListener('abort', () => end(controller), { once: true });
      if (signal.aborted) end(controller);
    },
    async pull(controller: ReadableStreamDefaultController<Uint8Array>) {
      stalled = false;
      try {
        const { done, value } = await messages.next();
        if (timer === undefined) return;
        if (done) end(controller);
        else controller.enqueue(encoder.encode(formatMessage(value)));
      } catch {
        // The head is sent: the client comes back by itself and is then told what is wrong.
        end(controller);
      }
    },
    cancel: () => end(undefined),
  };
}

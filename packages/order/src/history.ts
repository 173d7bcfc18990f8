import { EventEmitter, on } from 'node:events';
import { formatPosition, type Position } from 'common/http/position';
import { HttpProblem } from 'common/http/problem';
import { shownEvent } from 'common/http/shownEvent';
import type { SseMessage } from 'common/http/sse';
import { compareIds, type LogEntry } from 'common/log/logEntry';
import { type IgnoredNote, readOrderHistory } from 'common/log/readLog';
import { partitionOfOrder } from 'common/partition/partition';
import type { Foundation } from 'common/process/foundation';
import type { LogTails } from './logTails.ts';

/** Events of one order that may wait for a slow client; it comes back with its last id and misses none. */
const WAITING_MAX = 1_000;

const iso = (ms: number) => new Date(ms).toISOString();

/** Why a service did nothing with an event, as clients see it. */
const shownNote = ({ at, ...note }: IgnoredNote) => ({ ...note, at: iso(at) });

/** Everything that the log holds of one order, and what was ignored of it. */
export async function orderHistory({ connections, partitions }: Foundation, orderId: number) {
  const { tag } = partitionOfOrder(orderId, partitions);
  const { entries, ignored } = await readOrderHistory(connections.commands, tag, orderId);
  return { items: entries.map(shownEvent), ignored: ignored.map(shownNote) };
}

/**
 * The events of one order as a stream: those so far, then each as it comes, until `signal` aborts.
 *
 * @param after where a client that comes back stands; its partition's part counts
 */
export async function liveHistory(
  { connections, partitions }: Foundation,
  tails: LogTails,
  orderId: number,
  after: Position | undefined,
  signal: AbortSignal,
): Promise<AsyncIterable<SseMessage>> {
  const { tag, index } = partitionOfOrder(orderId, partitions);
  const arrivals = new EventEmitter();
  const live = on(arrivals, 'entry', { signal, close: ['overflow'] });
  let waiting = 0;
  // Heard first, read then: what happens in between is not missed.
  const subscription = tails.of(orderId).subscribe((entry) => {
    waiting += 1;
    arrivals.emit(waiting > WAITING_MAX ? 'overflow' : 'entry', entry);
  }, orderId);
  signal.addEventListener('abort', () => subscription.close(), { once: true });
  try {
    await subscription.heard;
    const { entries } = await readOrderHistory(connections.commands, tag, orderId);
    return messages(entries);
  } catch (error) {
    subscription.close();
    if (signal.aborted) throw new HttpProblem(503, { detail: 'The service is stopping' });
    throw error;
  }

  async function* messages(entries: readonly LogEntry[]): AsyncGenerator<SseMessage> {
    let last = after?.get(index) ?? '0-0';
    const isNew = ({ id }: LogEntry) => compareIds(id, last) > 0;
    for (const entry of entries.filter(isNew)) {
      last = entry.id;
      yield message(index, entry);
    }
    for await (const [entry] of live as AsyncIterable<[LogEntry]>) {
      waiting -= 1;
      if (!isNew(entry)) continue;
      last = entry.id;
      yield message(index, entry);
    }
  }
}

const message = (partition: number, entry: LogEntry): SseMessage => ({
  id: formatPosition(new Map([[partition, entry.id]])),
  event: entry.fields.eventType ?? 'unknown',
  data: JSON.stringify(shownEvent(entry)),
});

import { syncBuiltinESMExports } from 'node:module';
import { mock } from 'node:test';
import type { Handler } from 'common/actor/handler';
import { type Group, logKey } from 'common/events/keys';
import { entryFields, parseEvent, type SagaEvent } from 'common/events/sagaEvent';
import { contentOf } from './canonical.ts';
import type { Budget, Move } from './move.ts';
import { ACTORS, type Seen, type SeenEntry } from './seen.ts';
import { CURRENCY, memoryKey } from './worldKeys.ts';

/** Longer than any work takes that a shipped handler does. */
const LONG_MS = 3_600_000;

/** The shipped handler of an event that needs work outside Redis; currencies without delay need none. */
function handlerOf(group: Group, { fields }: SeenEntry): Handler | undefined {
  const actor = ACTORS[group];
  const handlers: Readonly<Partial<Record<string, Handler>>> = 'handlers' in actor ? actor.handlers : {};
  return fields.currencyId === CURRENCY ? undefined : handlers[fields.eventType ?? ''];
}

/** Whether a drain may answer that an entry needs work outside Redis. */
export const needsWork = ({ log }: Seen) => log.some((entry) => handlerOf('exchange', entry) !== undefined);

/** What the work on an entry has prepared, in the memory of the process that does it; undefined where it has not begun. */
export const preparedFor = (seen: Seen, id: string) => seen.memory[id];

/** A service begins its work on an entry: its handler looks at its own clock now, and its script runs some time later. */
export function beginWork(seen: Seen, group: Group, entry: SeenEntry, budget: Budget): Move | undefined {
  const handler = handlerOf(group, entry);
  if (!handler || preparedFor(seen, entry.id) !== undefined) return undefined;
  return {
    label: `${group} begins its work on ${contentOf(entry)}`,
    fair: true,
    budget,
    async run({ redis }, tag) {
      const [found] = await redis.xrange(logKey(tag), entry.id, entry.id);
      const parsed = parseEvent(entryFields(found?.[1] ?? []));
      if (!parsed.ok) return `the entry can not be read: ${parsed.problem}`;
      await redis.hset(memoryKey(tag), entry.id, await atOnce(handler, parsed.event, seen.now));
      return undefined;
    },
  };
}

/** Runs a handler at a moment of the virtual clock, its sleep as long as it takes to end it. */
function atOnce(handler: Handler, event: SagaEvent, now: number): Promise<string> {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now });
  syncBuiltinESMExports();
  try {
    const prepared = handler(event, new AbortController().signal);
    mock.timers.tick(LONG_MS);
    return prepared;
  } finally {
    mock.timers.reset();
    syncBuiltinESMExports();
  }
}

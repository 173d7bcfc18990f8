import { drainReport } from 'common/actor/scripts/drain';
import { heartbeat, postpone } from 'common/actor/scripts/pendingScripts';
import { type Group, leaseKey, logKey, retryKey } from 'common/events/keys';
import { compareIds } from 'common/log/logEntry';
import { contentOf } from './canonical.ts';
import type { Budget, Move } from './move.ts';
import { concerns, type Seen, type SeenEntry, type SeenGroup, unreadOf } from './seen.ts';
import { beginWork, needsWork, preparedFor } from './slowWork.ts';
import type { Worlds } from './world.ts';
import { memoryKey } from './worldKeys.ts';

/** Compensations are never given up: they have no dead letters for failing. */
const TIRELESS: Readonly<Partial<Record<Group, string>>> = { exchange: 'OrderRejected', point: 'ExchangeCompensated' };

/** A rate that no script can read: every transition that needs it fails until somebody mends it. */
export const UNREADABLE_RATE = 'unreadable';
const CONSUMER = 'c1';
const SUCCESSOR = 'c2';
const BATCH = 200;

/** What can become of the entries of one group: read, handed back, handled, given up, redelivered. */
export function groupMoves(seen: Seen, group: SeenGroup, budget: Budget): Move[] {
  const { name, position, pending } = group;
  const entryOf = (id: string) => seen.log.find((entry) => entry.id === id) ?? { id, fields: {} };
  const moves = [...unreadMoves(seen, group, budget)];
  for (const id of pending) {
    const entry = entryOf(id);
    moves.push(beginWork(seen, name, entry, budget) ?? handle(seen, name, entry, budget));
    const mayGiveUp = budget.deadLetters > 0 && TIRELESS[name] !== entry.fields.eventType;
    if (mayGiveUp) moves.push(bury(name, id, contentOf(entry), budget));
  }
  if (pending.length > 0) moves.push(claim(name, pending, budget));
  for (const entry of seen.log) {
    const isDone = compareIds(entry.id, position) <= 0 && concerns(name, entry) && !pending.includes(entry.id);
    if (isDone) moves.push(stalled(name, entry.id, contentOf(entry), budget, whysOf(seen)));
  }
  return moves;
}

function unreadMoves(seen: Seen, group: SeenGroup, budget: Budget): Move[] {
  const { name } = group;
  const unread = unreadOf(group, seen.log);
  const first = unread.findIndex((entry) => concerns(name, entry));
  const next = unread[first];
  if (!next) return [];
  const more = unread.slice(first + 1).some((entry) => concerns(name, entry));
  const said = contentOf(next);
  return [
    drain(name, first + 1, next.id, `${name} drains ${said}`, budget, whysOf(seen)),
    ...(more ? [drain(name, BATCH, next.id, `${name} drains all that waits`, budget, whysOf(seen))] : []),
    ...(budget.handBacks > 0 ? [handBack(name, first, said, budget)] : []),
  ];
}

/** Why a drain may hand entries back that it was not told to: the rate can not be read, or there is work outside Redis. */
const whysOf = (seen: Seen): ReadonlySet<string> =>
  new Set([
    ...(Object.values(seen.rates).includes(UNREADABLE_RATE) ? ['FAILED'] : []),
    ...(needsWork(seen) ? ['WORK'] : []),
  ]);

function drain(
  group: Group,
  countMax: number,
  id: string,
  label: string,
  budget: Budget,
  whys: ReadonlySet<string>,
): Move {
  return {
    label,
    fair: true,
    budget,
    async run(worlds, tag) {
      const args = { tag, group, consumer: CONSUMER, countMax, trail: 0 };
      const { drain: script } = worlds.actors[group];
      try {
        const { rest } = await worlds.runner.run(worlds.redis, script, { log: logKey(tag) }, args);
        const { handedBack } = drainReport(rest);
        const unexpected = handedBack.find(({ why }) => !whys.has(why));
        return unexpected && `a transition answered ${unexpected.why}: ${unexpected.detail}`;
      } catch (error) {
        return `${(await isLost(worlds, tag, group, id)) ? 'I6: the entry is lost, ' : ''}${String(error)}`;
      }
    },
  };
}

/** Whether the group has passed an entry that a failed call of the script has given to nobody. */
async function isLost(worlds: Worlds, tag: string, group: Group, id: string): Promise<boolean> {
  const { groups } = await worlds.seePartition(tag);
  return groups.some(
    ({ name, position, pending }) => name === group && compareIds(id, position) <= 0 && !pending.includes(id),
  );
}

/** What a drain does with an entry that it cannot finish: it stays pending while the position moves on. */
function handBack(group: Group, passed: number, said: string, budget: Budget): Move {
  return {
    label: `${group} hands ${said} back`,
    fair: false,
    budget: { ...budget, handBacks: budget.handBacks - 1 },
    async run({ redis }, tag) {
      const read = ['STREAMS', logKey(tag), '>'] as const;
      if (passed > 0) await redis.xreadgroup('GROUP', group, CONSUMER, 'COUNT', passed, 'NOACK', ...read);
      await redis.xreadgroup('GROUP', group, CONSUMER, 'COUNT', 1, ...read);
      return undefined;
    },
  };
}

/** Runs the transition of one handed-back entry; `prepared` is what a service has made ready before. */
export function runHandle(worlds: Worlds, tag: string, group: Group, id: string, prepared = '') {
  const keys = { log: logKey(tag), retry: retryKey(tag, group) };
  return worlds.runner.run(worlds.redis, worlds.actors[group].handle, keys, { tag, group, id, prepared });
}

function handle(seen: Seen, group: Group, entry: SeenEntry, budget: Budget): Move {
  const { id } = entry;
  const prepared = preparedFor(seen, id);
  const whys = whysOf(seen);
  return {
    label: `${group} handles ${contentOf(entry)}, which was handed back`,
    fair: true,
    budget,
    async run(worlds, tag) {
      const { word, rest } = await runHandle(worlds, tag, group, id, prepared);
      await worlds.redis.hdel(memoryKey(tag), id);
      const good = word === 'DONE' || word === 'PASSED' || (word === 'FAILED' && whys.has(word));
      return good ? undefined : `handling it answered ${word} ${rest[0] ?? ''}`;
    },
  };
}

/**
 * A consumer that slept through the claim of its entry wakes up and runs its script: it must find that all is done. Where
 * the transition fails it cannot know yet, and is told so when it counts the attempt.
 */
function stalled(group: Group, id: string, said: string, budget: Budget, whys: ReadonlySet<string>): Move {
  return {
    label: `a stalled consumer of ${group} wakes up and handles ${said} once more`,
    fair: false,
    harmless: true,
    budget,
    async run(worlds, tag) {
      const { word } = await runHandle(worlds, tag, group, id);
      const good = word === 'DUPLICATE' || (word === 'FAILED' && whys.has(word));
      return good ? undefined : `I4: a stalled consumer was answered ${word} instead of DUPLICATE`;
    },
  };
}

/** The consumer that has the pending entries dies, and another takes them over: nothing may be lost with it. */
function claim(group: Group, pending: readonly string[], budget: Budget): Move {
  return {
    label: `the consumer of ${group} dies, and another claims what it had`,
    fair: false,
    harmless: true,
    budget,
    async run(worlds, tag) {
      const keys = { log: logKey(tag), lease: leaseKey(tag, group), retry: retryKey(tag, group) };
      const { now } = await worlds.seePartition(tag);
      await worlds.redis.zadd(keys.lease, now - 1, CONSUMER);
      const args = { tag, group, consumer: SUCCESSOR, leaseMs: 0, countMax: 100, backoffMsMax: 1 };
      await worlds.runner.run(worlds.redis, heartbeat, keys, args);
      const { groups } = await worlds.seePartition(tag);
      const left = groups.find(({ name }) => name === group)?.pending ?? [];
      const gone = pending.filter((id) => !left.includes(id));
      return gone.length > 0 ? `I6: ${gone.length} pending entries went with their consumer` : undefined;
    },
  };
}

function bury(group: Group, id: string, said: string, budget: Budget): Move {
  return {
    label: `${said} fails for the last time at ${group}: a dead letter`,
    fair: false,
    budget: { ...budget, deadLetters: budget.deadLetters - 1 },
    async run({ runner, redis }, tag) {
      const keys = { log: logKey(tag), retry: retryKey(tag, group) };
      const limits = { attemptsMax: 1, backoffMs: 1, backoffMsMax: 1 };
      const args = { tag, group, consumer: CONSUMER, id, cause: 'planted', ...limits };
      const { word } = await runner.run(redis, postpone, keys, args);
      return word === 'BURIED' ? undefined : `burying it answered ${word}`;
    },
  };
}

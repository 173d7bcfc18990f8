import type { OpenAPIHono } from '@hono/zod-openapi';
import { type DeadLetter, DeadLetters } from 'common/deadLetters/deadLetters';
import type { AppEnv } from 'common/http/appEnv';
import { HttpProblem } from 'common/http/problem';
import type { Partition } from 'common/partition/partition';
import type { Foundation } from 'common/process/foundation';
import { gauge } from 'common/telemetry/metrics';
import type { Registry } from 'prom-client';
import {
  actionsRoute,
  discardRoute,
  listRoute,
  oneRoute,
  redriveManyRoute,
  redriveRoute,
} from './deadLetterDeclarations.ts';
import { mergedPage } from './mergedPage.ts';
import { shownAction, shownDeadLetter } from './shownDeadLetter.ts';

const NO_REASON = 'not said';

/** /dead-letters: what no service could handle, to look at, to send again, to give up; and the gauge of how many there are. */
export function addDeadLetterRoutes(
  app: OpenAPIHono<AppEnv>,
  { connections, partitions, scripts }: Foundation,
  registry: Registry,
): void {
  const letters = new DeadLetters(connections.commands, scripts, partitions);
  const read: DeadLetters['read'] = (partition, stretch) => letters.read(partition, stretch);
  const partitionAt = (index: number, id: string): Partition => partitions[index] ?? gone(index, id);
  countDeadLetters(registry, connections.commands, letters);

  app.openapi(listRoute, async (c) => {
    const { group, reason, order, limit, cursor } = c.req.valid('query');
    const wanted = wantedOf(group, reason);
    const newestFirst = order === 'newest';
    const { items, nextCursor } = await mergedPage({ partitions, read, wanted, newestFirst, limit, cursor });
    return c.json({ items: items.map(shownDeadLetter), nextCursor }, 200);
  });

  app.openapi(actionsRoute, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const readActions: DeadLetters['readActions'] = (partition, stretch) => letters.readActions(partition, stretch);
    const options = { partitions, read: readActions, wanted: () => true, newestFirst: true, limit, cursor };
    const { items, nextCursor } = await mergedPage(options);
    return c.json({ items: items.map(shownAction), nextCursor }, 200);
  });

  app.openapi(oneRoute, async (c) => {
    const [{ id }, { partition }] = [c.req.valid('param'), c.req.valid('query')];
    const letter = (await letters.find(partitionAt(partition, id), id)) ?? gone(partition, id);
    return c.json(shownDeadLetter(letter), 200);
  });

  app.openapi(redriveManyRoute, async (c) => {
    const { group, deadReason, limit, reason = NO_REASON } = c.req.valid('json');
    const hasEvent = ({ fields }: DeadLetter) => Object.keys(fields).length > 0;
    const chosen = wantedOf(group, deadReason);
    const wanted = (letter: DeadLetter) => hasEvent(letter) && chosen(letter);
    const page = await mergedPage({ partitions, read, wanted, newestFirst: false, limit, cursor: undefined });
    const { REDRIVEN, GONE } = await letters.redriveAll(page.items, reason);
    return c.json({ redriven: REDRIVEN, gone: GONE, more: page.nextCursor !== null }, 200);
  });

  app.openapi(redriveRoute, async (c) => {
    const [{ id }, { partition }] = [c.req.valid('param'), c.req.valid('query')];
    const result = await letters.redrive(partitionAt(partition, id), id, c.req.valid('json').reason ?? NO_REASON);
    if (result === 'GONE') return gone(partition, id);
    if (result === 'REDRIVEN') return c.json({ result }, 200);
    throw new HttpProblem(409, {
      title: 'Nothing to send',
      detail: `The entry of dead letter ${id} had been trimmed away before it was buried: it can only be discarded.`,
    });
  });

  app.openapi(discardRoute, async (c) => {
    const [{ id }, { partition }] = [c.req.valid('param'), c.req.valid('query')];
    const result = await letters.discard(partitionAt(partition, id), id, c.req.valid('json').reason);
    return result === 'GONE' ? gone(partition, id) : c.json({ result }, 200);
  });
}

const wantedOf = (group: string | undefined, reason: string | undefined) => (letter: DeadLetter) =>
  (group === undefined || letter.group === group) && (reason === undefined || letter.reason === reason);

function gone(partition: number, id: string): never {
  throw new HttpProblem(404, {
    title: 'No such dead letter',
    detail: `Partition ${partition} has no dead letter ${id}: /dead-letters/actions tells whether it was sent again or given up.`,
  });
}

function countDeadLetters(
  registry: Registry,
  redis: Foundation['connections']['commands'],
  letters: DeadLetters,
): void {
  gauge(registry, {
    name: 'saga_dead_letters',
    help: 'Events that a service could not handle and nobody has sent again or given up',
    async collect() {
      const unknown = () => Number.NaN;
      this.set(redis.status === 'ready' ? await letters.count().catch(unknown) : unknown());
    },
  });
}

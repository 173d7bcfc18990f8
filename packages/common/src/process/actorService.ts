import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Actor } from 'common/actor/actor';
import { createApp } from 'common/http/app';
import type { AppEnv } from 'common/http/appEnv';
import { durabilityOf } from 'common/redis/durability';
import type { Rights } from 'common/script/rights';
import type { Background } from './background.ts';
import { checkStart } from './checkStart.ts';
import { clockWatch } from './clockWatch.ts';
import { deadLetterIncidents } from './deadLetterIncidents.ts';
import type { Foundation } from './foundation.ts';
import type { Service, ServiceContext } from './service.ts';

export type ActorServiceOptions = {
  context: ServiceContext;
  foundation: Foundation;
  title: string;
  description: string;
  actor: Actor;
  /** What it does in Redis besides its actor. */
  rights: Rights;
  addRoutes: (app: OpenAPIHono<AppEnv>) => void;
  background?: readonly Background[];
};

/** A service as all four are: an actor, its HTTP side and what runs beside them, started and stopped in order. */
export function actorService(options: ActorServiceOptions): Service {
  const { context, foundation, actor, title, description } = options;
  const { config, logger, registry } = context;
  const { connections } = foundation;
  const background = [...(options.background ?? []), clockWatch(context, foundation)];
  const deadLetters = deadLetterIncidents(context, foundation, actor.group);
  const { name } = config;

  const app = createApp({
    name,
    title,
    description,
    registry,
    logger,
    readiness: async () => {
      if (connections.commands.status !== 'ready') return 'Redis is away';
      await connections.commands.ping();
      // One that answers may still refuse every write: a replica after a failover, a full disk.
      const fault = actor.fault();
      return fault && `Redis refuses its work: ${fault}`;
    },
    health: async () => ({
      redis: connections.commands.status,
      incidents: actor.incidents.list(),
      ...(connections.commands.status === 'ready' && {
        deadLetters: await deadLetters(),
        ...(await durabilityOf(connections.commands)),
      }),
    }),
  });
  options.addRoutes(app);

  return {
    name,
    fetch: (request, env) => app.fetch(request, env),
    async start() {
      await connections.connect();
      await checkStart(context, foundation, [actor.rights, options.rights]);
      await actor.start();
      for (const part of background) await part.start();
    },
    async stop() {
      for (const part of background.toReversed()) await part.stop();
      await actor.stop();
      await connections.closeAll();
    },
  };
}

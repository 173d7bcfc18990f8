import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Actor } from 'common/actor/actor';
import { createApp } from 'common/http/app';
import type { AppEnv } from 'common/http/appEnv';
import { checkRedis } from 'common/redis/checkRedis';
import { durabilityOf } from 'common/redis/durability';
import type { Foundation } from './foundation.ts';
import type { Service, ServiceContext } from './service.ts';

/** Something that runs beside the actor: a sweep, a worker, a tail. */
export type Background = { start(): Promise<void>; stop(): Promise<void> };

export type ActorServiceOptions = {
  context: ServiceContext;
  foundation: Foundation;
  title: string;
  description: string;
  actor: Actor;
  addRoutes: (app: OpenAPIHono<AppEnv>) => void;
  background?: readonly Background[];
};

/** A service as all four are: an actor, its HTTP side and what runs beside them, started and stopped in order. */
export function actorService(options: ActorServiceOptions): Service {
  const { context, foundation, actor, title, description, background = [] } = options;
  const { config, logger, registry } = context;
  const { connections } = foundation;
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
      return undefined;
    },
    health: async () => ({
      redis: connections.commands.status,
      incidents: actor.incidents.list(),
      ...(connections.commands.status === 'ready' ? await durabilityOf(connections.commands) : {}),
    }),
  });
  options.addRoutes(app);

  return {
    name,
    fetch: (request, env) => app.fetch(request, env),
    async start() {
      await connections.connect();
      await checkRedis(foundation, config, logger);
      await actor.start();
      for (const part of background) await part.start();
    },
    async stop() {
      for (const part of [...background].reverse()) await part.stop();
      await actor.stop();
      await connections.closeAll();
    },
  };
}

import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { BackendName } from 'common/config/readConfig';
import { createApp } from 'common/http/app';
import type { AppEnv } from 'common/http/appEnv';
import { LogTail } from 'common/log/logTail';
import { type Foundation, foundation } from 'common/process/foundation';
import type { Service, ServiceContext } from 'common/process/service';
import { checkRights } from 'common/redis/checkRights';
import { needsOf } from 'common/script/rights';
import { histogram, observerByStatus } from 'common/telemetry/metrics';
import type { Registry } from 'prom-client';
import { addDeadLetterRoutes } from './deadLetterRoutes.ts';
import { addEventRoutes } from './eventRoutes.ts';
import { forward } from './forward.ts';
import { JoinedDocument } from './joinedDocument.ts';
import { missingServices } from './readiness.ts';
import { gatewayRights } from './rights.ts';
import { backendOf, targetOf } from './routeTable.ts';
import { closeUpstreams, createUpstreams } from './upstream.ts';

// A look at it makes it a plain response for good: node-server would take its own quick kind for one still to be sent.
void RESPONSE_ALREADY_SENT.body;

/**
 * The one front door: passes requests on to the services by path, joins their documentation, and shows the event log.
 * It needs no Redis for that, and passes on whatever its readiness says.
 */
export function createGatewayService(context: ServiceContext): Service {
  const { config, logger, registry } = context;
  const base = foundation(context);
  const { connections, partitions } = base;
  const tails = new Map(partitions.map((partition) => [partition, new LogTail(connections, partition)]));
  const upstreams = createUpstreams(config);
  const documents = new JoinedDocument(upstreams);
  const app = createApp({
    name: config.name,
    title: 'Choreography with a deadline',
    description: 'Every service behind one front door.',
    registry,
    logger,
    readiness: () => missingServices(config, upstreams),
    health: async () => ({ redis: connections.commands.status }),
    document: (own) => documents.join(own),
  });
  addEventRoutes(app, base, tails);
  addDeadLetterRoutes(app, base, registry);
  const observe = answerObservers(registry);

  return {
    name: config.name,
    fetch(request, env: AppEnv['Bindings'] = {}) {
      const target = targetOf(request.url);
      const name = backendOf(target);
      const { incoming, outgoing, stopping } = env;
      if (!name || !incoming || !outgoing) return app.fetch(request, env);
      const startMs = performance.now();
      const onAnswer = (status: number) => observe[name](status, (performance.now() - startMs) / 1000);
      forward({ incoming, outgoing, stopping, upstream: upstreams[name], target, onAnswer }).catch((error: unknown) => {
        logger.error({ err: error, target }, 'passing on failed');
        outgoing.destroy();
      });
      // The answer goes to the client's response directly, when it comes.
      return RESPONSE_ALREADY_SENT;
    },
    async start() {
      // Not waited for: everything but the log and its dead letters does without Redis, and the connection is made again.
      connectAndCheck(context, base).catch((error: unknown) =>
        logger.warn({ err: error }, 'Redis is not as it should be'),
      );
    },
    async stop() {
      for (const tail of tails.values()) tail.stop();
      await Promise.all([closeUpstreams(upstreams), connections.closeAll()]);
    },
  };
}

/** A gateway that lacks a right passes requests on all the same. */
async function connectAndCheck({ logger }: ServiceContext, { connections, partitions, scripts }: Foundation) {
  await connections.commands.connect();
  const tags = partitions.map(({ tag }) => tag);
  await checkRights(connections.commands, needsOf([gatewayRights], scripts, tags), logger);
}

/** How long each service takes to answer, seen from here. */
function answerObservers(registry: Registry) {
  const durations = histogram(registry, {
    name: 'gateway_upstream_answer_seconds',
    help: 'From a request at the gateway to the head of its answer',
    labels: ['upstream', 'status'],
  });
  const observer = (upstream: BackendName) => observerByStatus((status) => durations.labels({ upstream, status }));
  return {
    order: observer('order'),
    exchange: observer('exchange'),
    point: observer('point'),
    deadline: observer('deadline'),
  } satisfies Record<BackendName, unknown>;
}

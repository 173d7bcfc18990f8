import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { backendNames } from 'common/config/readConfig';
import { createApp } from 'common/http/app';
import type { AppEnv } from 'common/http/appEnv';
import type { Service, ServiceContext } from 'common/process/service';
import { histogram, observerByStatus } from 'common/telemetry/metrics';
import { forward } from './forward.ts';
import { JoinedDocument } from './joinedDocument.ts';
import { missingServices } from './readiness.ts';
import { backendOf, targetOf } from './routeTable.ts';
import { closeUpstreams, createUpstreams } from './upstream.ts';

// A look at it makes it a plain response for good: node-server would take its own quick kind for one still to be sent.
void RESPONSE_ALREADY_SENT.body;

/**
 * The one front door: passes requests on to the services by path, joins their documentation, and shows the event log.
 * It needs no Redis for that, and passes on whatever its readiness says.
 */
export function createGatewayService({ config, logger, registry }: ServiceContext): Service {
  const upstreams = createUpstreams(config);
  const documents = new JoinedDocument(upstreams);
  const app = createApp({
    name: config.name,
    title: 'Choreography with a deadline',
    description: 'Every service behind one front door.',
    registry,
    logger,
    readiness: () => missingServices(config, upstreams),
    health: async () => ({}),
    document: (own) => documents.join(own),
  });
  const durations = histogram(registry, {
    name: 'gateway_upstream_answer_seconds',
    help: 'From a request at the gateway to the head of its answer',
    labels: ['upstream', 'status'],
  });
  const observers = Object.fromEntries(
    backendNames.map((upstream) => [upstream, observerByStatus((status) => durations.labels({ upstream, status }))]),
  );

  return {
    name: config.name,
    fetch(request, env: AppEnv['Bindings'] = {}) {
      const target = targetOf(request.url);
      const name = backendOf(target);
      const { incoming, outgoing } = env;
      if (!name || !incoming || !outgoing) return app.fetch(request, env);
      const startMs = performance.now();
      const onAnswer = (status: number) => observers[name]?.(status, (performance.now() - startMs) / 1000);
      forward({ incoming, outgoing, upstream: upstreams[name], target, onAnswer }).catch((error: unknown) => {
        logger.error({ err: error, target }, 'passing on failed');
        outgoing.destroy();
      });
      // The answer goes to the client's response directly, when it comes.
      return RESPONSE_ALREADY_SENT;
    },
    async start() {},
    stop: () => closeUpstreams(upstreams),
  };
}

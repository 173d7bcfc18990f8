import { readConfig, type ServiceName } from 'common/config/readConfig';
import { StartRefusal } from 'common/config/startRefusal';
import { redisAway } from 'common/http/redisAway';
import { createLogger } from 'common/telemetry/logger';
import { createRegistry } from 'common/telemetry/metrics';
import type { Logger } from 'pino';
import { type Listening, listen } from './listen.ts';
import type { Service, ServiceFactory } from './service.ts';

/** For answers under way; `stopBudgetMs` ends it all before the launcher's patience does, which sends SIGKILL after 3 s. */
const closeGraceMs = 1500;
const stopBudgetMs = 2800;

/**
 * Runs one service as this process: reads its configuration, starts it, and listens once it has started, so that a port
 * that answers belongs to a service that works. SIGTERM, SIGINT or the end of the launcher stop it: exit 0.
 *
 * A refusal to start (a bad variable, a busy port, an unfit Redis) is one line on standard error, exit 1, nothing left.
 */
export async function runService(name: ServiceName, factory: ServiceFactory): Promise<void> {
  const stopAsked = stopRequest();
  let service: Service | undefined;
  let listening: Listening | undefined;
  let logger: Logger;
  try {
    const config = readConfig(name);
    logger = createLogger(name, config.logLevel);
    exitOnFault(logger);
    service = factory({ config, logger, registry: createRegistry(name) });
    // Asked to end while Redis lets it wait: there is nothing to listen for any more.
    const early = await Promise.race([service.start(), stopAsked]);
    if (early === undefined) listening = await listen(service.fetch, config);
  } catch (error) {
    process.stderr.write(`${name}: ${startFault(error)}\n`);
    await inTime(service?.stop()).catch(() => {});
    process.exit(1);
  }
  if (listening) {
    logger.info({ url: listening.url }, 'listening');
    process.send?.({ listening: { name, port: listening.port, url: listening.url } });
  }

  logger.info({ because: await stopAsked }, 'stopping');
  process.exit(await stop(service, listening, logger));
}

/** Resolves with what asks this process to end. */
function stopRequest(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  // Later ones are taken too and change nothing: a terminal and the launcher may both send one.
  process.on('SIGTERM', resolve);
  process.on('SIGINT', resolve);
  // Only a child with a channel sees this: its launcher is gone, even if killed.
  process.on('disconnect', () => resolve('the launcher is gone'));
  return promise;
}

async function stop(service: Service, listening: Listening | undefined, logger: Logger): Promise<0 | 1> {
  try {
    // Answers under way need what the service then lets go of.
    await inTime((listening?.close(closeGraceMs) ?? Promise.resolve()).then(() => service.stop()));
    return 0;
  } catch (error) {
    logger.error({ err: error }, 'stopped uncleanly');
    return 1;
  }
}

async function inTime(work: Promise<unknown> | undefined): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`not stopped within ${stopBudgetMs} ms`)), stopBudgetMs);
  await Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

/** One line, whatever was thrown; a fault that is no refusal shows where it came from. */
function startFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const away = redisAway(error);
  if (away !== undefined) return `Redis (REDIS_URL) does not work for it now: ${away}`;
  const text = error instanceof StartRefusal ? error.message : (error.stack ?? error.message);
  return text.replaceAll(/\s*\n\s*/g, ' | ');
}

/** A fault that nobody caught leaves a state that nobody knows: the process ends, and is started again from Redis' state. */
function exitOnFault(logger: Logger): void {
  const exit = (error: unknown) => {
    logger.fatal({ err: error }, 'uncaught fault');
    process.exit(1);
  };
  process.on('uncaughtException', exit);
  process.on('unhandledRejection', exit);
}

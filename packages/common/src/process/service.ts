import type { ServiceConfig } from 'common/config/readConfig';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

/** What every service's factory returns: it runs as a process of its own, or several of them in one. */
export type Service = {
  name: string;
  /** The HTTP side: a Hono app's `fetch`. */
  fetch(request: Request, env?: object): Response | Promise<Response>;
  /** Connects, checks and starts the actors; rejects with a `StartRefusal` that says in one line what is wrong. */
  start(): Promise<void>;
  /** Reads nothing new, lets running scripts end, aborts sleeps; pending entries stay pending for the next start. */
  stop(): Promise<void>;
};

/** What a service is made of; nothing in it is global, so that one process can hold several services. */
export type ServiceContext = { config: ServiceConfig; logger: Logger; registry: Registry };

export type ServiceFactory = (context: ServiceContext) => Service;

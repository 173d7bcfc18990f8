import type { HttpBindings } from '@hono/node-server';

/** What the server hands to an app with each request; nothing of it where a test calls the app without a server. */
export type AppEnv = {
  Bindings: Partial<HttpBindings> & {
    /** Aborts when the process is asked to end: streams and waits end then. */
    stopping?: AbortSignal;
  };
};

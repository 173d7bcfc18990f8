import { createServer } from 'node:net';
import { Refusal } from '../refusal.ts';

/**
 * Makes sure that a service will be able to listen.
 * @throws Refusal naming the port and the service when something else listens there
 */
export async function requireFree(port: number, name: string): Promise<void> {
  const reason = await whyTaken(port);
  if (reason === undefined) return;
  const remedy = 'end what listens there, or use --port-offset N';
  throw new Refusal(`port ${port} (${name}) cannot be used, ${reason}: ${remedy}`);
}

function whyTaken(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'EADDRINUSE' ? 'it is in use' : error.message);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

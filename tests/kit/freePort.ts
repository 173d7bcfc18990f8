import { freePort as unusedPort } from 'launcher/ports/freePort';
import { requireFree } from 'launcher/ports/requireFree';

const handedOut = new Set<number>();

/** A port of loopback that nobody listens on, and that this test process has not been given before. */
export async function freePort(): Promise<number> {
  let port = await unusedPort();
  while (handedOut.has(port)) port = await unusedPort();
  handedOut.add(port);
  return port;
}

const offsetAttempts = 100;

/** A number for --port-offset with which every one of these ports is free now. */
export async function freePortOffset(ports: readonly number[]): Promise<number> {
  for (let attempt = 1; attempt <= offsetAttempts; attempt += 1) {
    // Below the ephemeral range, where outgoing connections take ports, and apart for tests that run side by side.
    const offset = 1_000 + Math.floor(Math.random() * 20_000);
    const free = await Promise.all(ports.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error(`no offset of ${offsetAttempts} tried leaves ${ports.join(', ')} free`);
}

async function isFree(port: number): Promise<boolean> {
  return requireFree(port, 'a test').then(
    () => true,
    () => false,
  );
}

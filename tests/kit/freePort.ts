import { freePort as unusedPort } from 'launcher/ports/freePort';

const handedOut = new Set<number>();

/** A port of loopback that nobody listens on, and that this test process has not been given before. */
export async function freePort(): Promise<number> {
  let port = await unusedPort();
  while (handedOut.has(port)) port = await unusedPort();
  handedOut.add(port);
  return port;
}

import type { IncomingMessage } from 'node:http';
import { maxBodyBytes } from 'common/http/readBody';

/**
 * The whole body of a request, 'too large' over 64 KiB, or undefined where the client went away in the middle of it.
 *
 * It is gathered before it is sent on, because the contract bounds it: a slow client holds no connection to a service,
 * and a body at hand can be sent again.
 */
export function readBody(incoming: IncomingMessage): Promise<Buffer | 'too large' | undefined> {
  if (Number(incoming.headers['content-length'] ?? 0) > maxBodyBytes) return Promise.resolve('too large');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size <= maxBodyBytes) return void chunks.push(chunk);
      incoming.off('data', onData);
      resolve('too large');
    };
    incoming.on('data', onData);
    incoming.once('end', () => resolve(Buffer.concat(chunks, size)));
    incoming.once('close', () => resolve(undefined));
    incoming.once('error', () => resolve(undefined));
  });
}

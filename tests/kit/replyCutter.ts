import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';

/**
 * A way to a Redis that loses replies: the command arrives and is run, and the connection ends before its answer. The
 * client can not know which.
 */
export async function startReplyCutter(redisPort: number) {
  let marker: string | undefined;
  let cuts = 0;
  const sockets = new Set<Socket>();

  const server = createServer((client) => {
    const redis = dial(redisPort, '127.0.0.1');
    let lost = false;
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        redis.destroy();
      });
    }
    client.on('data', (data) => {
      if (marker !== undefined && data.includes(marker)) {
        marker = undefined;
        lost = true;
      }
      redis.write(data);
    });
    redis.on('data', (data) => {
      if (!lost) return void client.write(data);
      cuts += 1;
      client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Loses the reply to the next command that holds this text. */
    loseReplyTo(text: string): void {
      marker = text;
    },
    get cuts(): number {
      return cuts;
    },
    async stop(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

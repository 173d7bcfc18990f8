import { createServer, type Server } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../../../tests/kit/freePort.ts';
import { until } from '../../../../tests/kit/until.ts';
import { Connections } from './connections.ts';

// Goal: a Redis that has loaded its data is used at once, however long it had said that it would take. Method: a server
// that answers as Redis does, with a load that is over long before its own estimate.
const LOADS_MS = 300;
const ESTIMATE_S = 60;

let server: Server;
let connections: Connections;

beforeAll(async () => {
  const port = await freePort();
  const begun = performance.now();
  server = createServer((socket) => {
    socket.on('data', (chunk) => {
      for (const command of chunk.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        const loading = Number(performance.now() - begun < LOADS_MS);
        const info = `loading:${loading}\r\nloading_eta_seconds:${ESTIMATE_S}\r\n`;
        socket.write(/info/i.test(command[1] ?? '') ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  connections = new Connections(`redis://127.0.0.1:${port}`, 'loading', pino({ level: 'silent' }));
});

afterAll(async () => {
  await connections.closeAll();
  server.close();
});

test('it is asked again and again, not after the time that it had estimated', async () => {
  const ready = connections.connect();
  await until('the connection', () => connections.commands.status === 'ready', { timeoutMs: 3_000 });
  await ready;
  expect(connections.commands.status).toBe('ready');
});

import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

type Waiting = { at: number; chunk: Buffer };

/** One direction of a connection: bytes that are under way, in order. */
class Lane {
  readonly #to: Socket;
  readonly #weather: Weather;
  readonly #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #freeAt = 0;

  constructor(to: Socket, weather: Weather) {
    this.#to = to;
    this.#weather = weather;
  }

  carry(chunk: Buffer): void {
    const { delayMs, bytesPerSecond } = this.#weather;
    const now = performance.now();
    const travelMs = bytesPerSecond === 0 ? 0 : (chunk.length / bytesPerSecond) * 1_000;
    this.#freeAt = Math.max(this.#freeAt, now) + travelMs;
    const at = this.#freeAt + delayMs;
    if (this.#waiting.length === 0 && at <= now) return void this.#to.write(chunk);
    this.#waiting.push({ at, chunk });
    if (this.#timer === undefined) this.#arm();
  }

  drop(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }

  #arm(): void {
    const [first] = this.#waiting;
    this.#timer = first && setTimeout(() => this.#deliver(), Math.max(0, first.at - performance.now()));
  }

  #deliver(): void {
    const now = performance.now();
    while (this.#waiting[0] && this.#waiting[0].at <= now + 1) this.#to.write(this.#waiting.shift()?.chunk ?? '');
    this.#arm();
  }
}

/** What the network does to every connection now. */
type Weather = { delayMs: number; bytesPerSecond: number };

type Connection = { client: Socket; server: Socket | undefined; lanes: Lane[]; mute: boolean };

/** Stands between the services and Redis and can spoil what goes through: slowly, not at all, or in silence. */
export class RedisProxy {
  readonly port: number;
  readonly #target: number;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #weather: Weather = { delayMs: 0, bytesPerSecond: 0 };
  #refusing = false;
  #mute = false;

  private constructor(server: Server, port: number, target: number) {
    this.#server = server;
    this.port = port;
    this.#target = target;
    server.on('connection', (client) => this.#accept(client));
  }

  /** Listens on a free port of loopback and passes everything on to `target`. */
  static async start(target: number): Promise<RedisProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    return new RedisProxy(server, address.port, target);
  }

  /** Every byte comes this much later, in each direction. */
  delay(ms: number): void {
    this.#weather.delayMs = ms;
  }

  /** Each direction of each connection carries no more than this; 0 is as fast as it goes. */
  throttle(bytesPerSecond: number): void {
    this.#weather.bytesPerSecond = bytesPerSecond;
  }

  /** Cuts every connection, and new ones as they come, until told otherwise. */
  cut(refusing: boolean): void {
    this.#refusing = refusing;
    if (refusing) this.#endAll(() => true);
  }

  /** Connections stay open and nothing comes through any more; new ones are accepted and never answered. */
  goSilent(): void {
    this.#mute = true;
    for (const connection of this.#connections) this.#silence(connection);
  }

  /** New connections work again. The silent ones end, or (`forgotten`) stay silent for ever, as after a lost route. */
  speakAgain(forgotten: boolean): void {
    this.#mute = false;
    if (!forgotten) this.#endAll(({ mute }) => mute);
  }

  async close(): Promise<void> {
    this.#endAll(() => true);
    this.#server.close();
    await once(this.#server, 'close');
  }

  #silence(connection: Connection): void {
    connection.mute = true;
    for (const lane of connection.lanes) lane.drop();
  }

  #accept(client: Socket): void {
    client.setNoDelay(true);
    client.on('error', () => {});
    if (this.#refusing) return void client.resetAndDestroy();
    const connection: Connection = { client, server: undefined, lanes: [], mute: this.#mute };
    this.#connections.add(connection);
    client.on('close', () => this.#end(connection));
    if (connection.mute) return void client.resume();
    this.#join(connection);
  }

  #join(connection: Connection): void {
    const { client } = connection;
    const server = dial({ port: this.#target, host: '127.0.0.1', noDelay: true });
    connection.server = server;
    server.on('error', () => {});
    server.on('close', () => {
      // Silence means that not even an end is heard.
      if (!connection.mute) this.#end(connection);
    });
    const there = new Lane(server, this.#weather);
    const back = new Lane(client, this.#weather);
    connection.lanes.push(there, back);
    client.on('data', (chunk) => !connection.mute && there.carry(chunk));
    server.on('data', (chunk) => !connection.mute && back.carry(chunk));
  }

  #endAll(which: (connection: Connection) => boolean): void {
    for (const connection of [...this.#connections]) if (which(connection)) this.#end(connection);
  }

  #end(connection: Connection): void {
    this.#connections.delete(connection);
    for (const lane of connection.lanes) lane.drop();
    connection.client.destroy();
    connection.server?.destroy();
  }
}

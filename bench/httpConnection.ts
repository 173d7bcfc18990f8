import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type Answer = { status: number; body: string };

/**
 * One kept-alive connection that asks and waits for the answer: the load generator shares the cores of what it measures, and
 * a whole HTTP client would take a fifth of them. It knows answers of a declared length, which is what orders get.
 */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #host: string;
  #received = '';
  #waiting: PromiseWithResolvers<Answer> | undefined;

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#take(text));
    socket.on('close', () => this.#waiting?.reject(new Error('the connection was closed before the answer')));
    socket.on('error', (error) => this.#waiting?.reject(error));
  }

  /** @throws the error of the connection */
  static async open(url: string): Promise<HttpConnection> {
    const { hostname, port, host } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return new HttpConnection(socket, host);
  }

  /** Posts JSON; one request at a time. `headers` end with a line break each. */
  post(path: string, body: object, headers = ''): Promise<Answer> {
    const json = JSON.stringify(body);
    this.#waiting = Promise.withResolvers();
    this.#socket.write(
      `POST ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${Buffer.byteLength(json)}\r\n${headers}\r\n${json}`,
    );
    return this.#waiting.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const head = this.#received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1];
    const end = head + 4 + Number(length);
    if (length === undefined || this.#received.length < end) return;
    const answer = { status: Number(this.#received.slice(9, 12)), body: this.#received.slice(head + 4, end) };
    this.#received = '';
    this.#waiting?.resolve(answer);
  }
}

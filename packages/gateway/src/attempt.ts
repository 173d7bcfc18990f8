import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { answerProblem, type Passage } from './passage.ts';
import { responseHeaders } from './passedHeaders.ts';

type AttemptOptions = {
  /** The request may be sent once more after a service may have seen it. */
  repeatable: boolean;
  /** It asks its service to wait. */
  waits: boolean;
};

/**
 * One attempt to have a request answered by its service: undici calls it as the answer comes.
 *
 * The client's response is written as bytes arrive and holds the service back while the client does not read; a client
 * that goes away takes the request to the service with it.
 */
export class Attempt implements Dispatcher.DispatchHandler {
  readonly #passage: Passage;
  readonly #request: Dispatcher.DispatchOptions;
  readonly #options: AttemptOptions;
  #controller: Dispatcher.DispatchController | undefined;
  #answering = false;
  #missingBytes = Number.NaN;
  readonly #onClose = () => this.#controller?.abort(new Error('the client went away'));
  readonly #onStopping = () => this.#end();
  readonly #onDrain = () => this.#controller?.resume();

  constructor(passage: Passage, request: Dispatcher.DispatchOptions, options: AttemptOptions) {
    this.#passage = passage;
    this.#request = request;
    this.#options = options;
  }

  /** There is a connection, and the request is about to be written to it. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    const { outgoing } = this.#passage;
    this.#controller = controller;
    if (outgoing.destroyed) this.#onClose();
    else outgoing.on('close', this.#onClose);
    if (this.#options.waits) this.#endWithGateway();
  }

  onResponseStart(_: unknown, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    const { outgoing, onAnswer } = this.#passage;
    this.#answering = true;
    this.#missingBytes = Number(headers['content-length']);
    outgoing.writeHead(status, responseHeaders(headers));
    onAnswer(status);
    if (!Number.isNaN(this.#missingBytes)) return;
    // A stream may have nothing to say for a while; an answer of known length leaves with its first bytes.
    outgoing.flushHeaders();
    this.#endWithGateway();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { outgoing } = this.#passage;
    this.#missingBytes -= chunk.byteLength;
    // As text it leaves in one write with its head; as bytes it would be a list of two, dearer than the rest of the passage.
    if (this.#missingBytes === 0) outgoing.end(chunk.toString('latin1'), 'latin1');
    else if (!outgoing.write(chunk)) {
      controller.pause();
      outgoing.once('drain', this.#onDrain);
    }
  }

  onResponseEnd(): void {
    const { outgoing, stopping } = this.#passage;
    outgoing.off('close', this.#onClose);
    stopping?.removeEventListener('abort', this.#onStopping);
    if (!outgoing.writableEnded) outgoing.end();
  }

  onResponseError(_: unknown, error: Error): void {
    const { outgoing, upstream, stopping } = this.#passage;
    outgoing.off('close', this.#onClose);
    stopping?.removeEventListener('abort', this.#onStopping);
    if (outgoing.writableEnded) return;
    // The client is gone, or has half an answer: nothing but a broken connection tells it so.
    if (outgoing.destroyed || this.#answering) return void outgoing.destroy();
    const code = 'code' in error ? error.code : undefined;
    const sent = this.#controller !== undefined;
    if (sent && this.#options.repeatable && !isTimeout(code) && !stopping?.aborted) {
      const again = new Attempt(this.#passage, this.#request, { ...this.#options, repeatable: false });
      upstream.pool.dispatch(this.#request, again);
      return;
    }
    const who = `${upstream.name} (${upstream.url})`;
    if (isRefusedArgument(code)) answerProblem(this.#passage, 400, `The request cannot be passed on: ${error.message}`);
    else if (!sent) answerProblem(this.#passage, 503, `${who} is down: ${error.message || code}`);
    else answerProblem(this.#passage, isTimeout(code) ? 504 : 503, `${who} ${this.#lost(error)}`);
  }

  #endWithGateway(): void {
    const { stopping } = this.#passage;
    if (stopping?.aborted) this.#end();
    else stopping?.addEventListener('abort', this.#onStopping, { once: true });
  }

  /** A stream ends as its service ends it; one that waits is told to come back. */
  #end(): void {
    if (this.#answering && !Number.isNaN(this.#missingBytes)) return;
    if (this.#answering) this.#passage.outgoing.end();
    this.#controller?.abort(new Error('the gateway is stopping'));
  }

  #lost(error: Error): string {
    const { method } = this.#request;
    if (method === 'GET' || method === 'HEAD') return `gave no answer: ${error.message}`;
    return `gave no answer: ${error.message}; the request may have taken effect. Repeat it with an Idempotency-Key`;
  }
}

const isTimeout = (code: unknown) => code === 'UND_ERR_HEADERS_TIMEOUT';
const isRefusedArgument = (code: unknown) => code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED';

import type { IncomingMessage, ServerResponse } from 'node:http';
import { problemBody } from 'common/http/problem';
import type { Upstream } from './upstream.ts';

/** One request on its way through the gateway. */
export type Passage = {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  upstream: Upstream;
  /** Path and query, as the client wrote them. */
  target: string;
  /** Aborts when the gateway is asked to end. */
  stopping: AbortSignal | undefined;
  /** Told once, with the status of the answer, when its head is known. */
  onAnswer: (status: number) => void;
};

/** Answers with a problem of the gateway's own. */
export function answerProblem(passage: Passage, status: number, detail: string): void {
  const { outgoing, target, onAnswer } = passage;
  const [path = '/'] = target.split('?', 1);
  const body = JSON.stringify(problemBody(status, path, { detail }));
  const headers = { 'Content-Type': 'application/problem+json', 'Content-Length': Buffer.byteLength(body) };
  outgoing.writeHead(status, status === 503 ? { ...headers, 'Retry-After': '1' } : headers);
  outgoing.end(body);
  onAnswer(status);
}

import type { Dispatcher } from 'undici';
import { Attempt } from './attempt.ts';
import { answerProblem, type Passage } from './passage.ts';
import { requestHeaders } from './passedHeaders.ts';
import { readBody } from './readBody.ts';
import { headersTimeoutMs } from './upstream.ts';

/**
 * Passes one request on, and the answer back: straight to the client's response, neither parsed nor copied.
 *
 * A request that a service may have seen is sent again at most once, and only where that cannot act twice: one that
 * reads, or one whose `Idempotency-Key` lets the service know it again. Any other answers 503 and says so.
 */
export async function forward(passage: Passage): Promise<void> {
  const { incoming, outgoing, target } = passage;
  const { method = 'GET' } = incoming;
  const reads = method === 'GET' || method === 'HEAD';
  const body = reads ? null : await readBody(incoming);
  if (body === undefined) return void outgoing.destroy();
  if (body === 'too large') return answerProblem(passage, 413, 'The body may have at most 65536 bytes');
  const { prefer, 'idempotency-key': key } = incoming.headers;
  const headers = requestHeaders(incoming);
  const headersTimeout = headersTimeoutMs(prefer);
  const request: Dispatcher.DispatchOptions = { path: target, method, headers, body, headersTimeout };
  const repeatable = reads || key !== undefined;
  passage.upstream.pool.dispatch(request, new Attempt(passage, request, { repeatable, waits: prefer !== undefined }));
}

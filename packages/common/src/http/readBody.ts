import { HttpProblem } from './problem.ts';

export const maxBodyBytes = 64 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const jsonType = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/**
 * The request's body as JSON; no body counts as `{}`, so that every required field is named.
 *
 * @throws HttpProblem 413 over 64 KiB, 415 for anything but JSON (a form, or curl -d without a content type: so a page
 *   elsewhere cannot post here without asking first), 400 for what is not UTF-8 or not JSON
 */
export async function readJsonBody(request: Request): Promise<unknown> {
  const bytes = await readBytes(request);
  if (bytes.byteLength === 0) return {};
  const contentType = request.headers.get('content-type') ?? 'no content type';
  if (!jsonType.test(contentType)) {
    throw new HttpProblem(415, {
      detail: `Expected a body of application/json, got ${contentType}`,
      headers: { Accept: 'application/json' },
    });
  }
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (error) {
    throw new HttpProblem(400, { title: 'Malformed JSON', detail: `The body is not JSON: ${reasonOf(error)}` });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A declared length is what Node's parser lets through; without one (chunked) the bytes are counted. */
async function readBytes(request: Request): Promise<ArrayBuffer | Uint8Array> {
  const declared = request.headers.get('content-length');
  if (declared !== null && request.headers.get('transfer-encoding') === null) {
    if (Number(declared) > maxBodyBytes) throw tooLarge();
    return request.arrayBuffer();
  }
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function tooLarge(): HttpProblem {
  return new HttpProblem(413, { detail: `The body may have at most ${maxBodyBytes} bytes` });
}

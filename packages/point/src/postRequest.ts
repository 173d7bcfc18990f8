import { hash } from 'node:crypto';
import type { IdempotencyKey } from 'common/http/idempotencyKey';

/** A POST that pays points in, and how it is recognised when it comes again. */
export type PostRequest = {
  /** The partition of the user. */
  tag: string;
  userId: string;
  point: number;
  /** Names the request, whoever repeats it. */
  requestDigest: string;
  /** Tells whether a repetition asks for the same. */
  bodyDigest: string;
  /** How long a repetition is recognised. */
  requestMs: number;
};

const CLIENT_KEY_MS = 24 * 60 * 60 * 1_000;
/** A key that we made serves our own second attempt alone. */
const OWN_KEY_MS = 60_000;

/**
 * @param route what is asked for: the same key at two routes is two requests, and so is that of two users
 * @param retentionMs a request is not remembered for longer than anything else
 */
export function postRequest(
  route: string,
  asked: { tag: string; userId: string; point: number },
  { key, given }: IdempotencyKey,
  retentionMs: number,
): PostRequest {
  return {
    ...asked,
    requestDigest: digestOf(route, asked.userId, key),
    bodyDigest: digestOf(String(asked.point)),
    requestMs: given ? Math.min(CLIENT_KEY_MS, retentionMs) : OWN_KEY_MS,
  };
}

/** None of the parts holds a control character, so that no two lists of parts read the same. */
const digestOf = (...parts: string[]) => hash('sha256', parts.join('\n'), 'hex');

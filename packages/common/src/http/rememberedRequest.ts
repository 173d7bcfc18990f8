import { hash } from 'node:crypto';
import type { IdempotencyKey } from './idempotencyKey.ts';

/** How a POST is recognised when it comes again: what the script that does its work stores with what it did. */
export type RememberedRequest = {
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
 * @param asked.route what is asked for, and by whom: the same key at two routes is two requests, and so is that of two people
 * @param asked.body what a repetition has to have in common with the first
 * @param retentionMs never longer than what was made is kept: a repetition finds it
 */
export function rememberedRequest(
  { route, who, body }: { route: string; who: string; body: readonly string[] },
  { key, given }: IdempotencyKey,
  retentionMs: number,
): RememberedRequest {
  return {
    requestDigest: digestOf(route, who, key),
    bodyDigest: digestOf(...body),
    requestMs: given ? Math.min(CLIENT_KEY_MS, retentionMs) : OWN_KEY_MS,
  };
}

/** None of the parts holds a control character, so that no two lists of parts read the same. */
const digestOf = (...parts: string[]) => hash('sha256', parts.join('\n'), 'hex');

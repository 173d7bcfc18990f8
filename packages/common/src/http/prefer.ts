import type { Context } from 'hono';

/** The longest wait that a client may ask for, in seconds. */
export const maxWaitS = 30;

/**
 * How many seconds (0-30) the client wants to wait for a settled answer: RFC 7240's `Prefer: wait=N`. Says so in
 * `Preference-Applied`. Undefined without that preference, and for one that is no number: an unknown preference is ignored.
 */
export function preferredWaitS(c: Context): number | undefined {
  const header = c.req.header('prefer');
  if (header === undefined) return undefined;
  const digits = /(?:^|[,;])\s*wait\s*=\s*"?(\d+)"?\s*(?:[,;]|$)/i.exec(header)?.[1];
  if (digits === undefined) return undefined;
  const seconds = Math.min(Number(digits), maxWaitS);
  c.header('Preference-Applied', `wait=${seconds}`);
  return seconds;
}

import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from 'pino';
import { HttpProblem, problem } from './problem.ts';
import { redisAway } from './redisAway.ts';

/**
 * Answers what a handler threw: a problem as it says, a Redis that is away with 503 and Retry-After, anything else with
 * 500 and no word about it but in the log.
 */
export function answerError(error: unknown, c: Context, logger: Logger): Response {
  if (error instanceof HttpProblem) return problem(c, error.status, error.options);
  // The client is gone: nobody reads the answer, and it is no fault of ours nor of Redis.
  if (c.req.raw.signal.aborted) return problem(c, 400, { detail: 'The request was aborted' });
  const away = redisAway(error);
  if (away !== undefined) {
    logger.debug({ err: error, method: c.req.method, path: c.req.path }, 'Redis is away');
    return problem(c, 503, { detail: `Redis is away: ${away}`, headers: { 'Retry-After': '1' } });
  }
  if (error instanceof HTTPException) return problem(c, error.status, { detail: error.message });
  logger.error({ err: error, method: c.req.method, path: c.req.path }, 'request failed');
  return problem(c, 500, { detail: 'An unexpected error; the log of the service has it' });
}

import type { Logger } from 'pino';

const EVERY_MS = 10_000;

/**
 * Warns of errors that come in swarms while something is away: the first at once, then one in ten seconds, with the
 * number of those between.
 */
export function rareWarning(logger: Logger, message: string): (error: unknown) => void {
  let silentUntil = 0;
  let skipped = 0;
  return (error) => {
    const now = performance.now();
    if (now < silentUntil) {
      skipped += 1;
      return;
    }
    logger.warn({ err: error, skipped }, message);
    silentUntil = now + EVERY_MS;
    skipped = 0;
  };
}

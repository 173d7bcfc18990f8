import { type Logger, pino } from 'pino';

/**
 * A service's logger: JSON, one line a record, on standard output. What is about one order carries `orderId`,
 * what is about one event `eventId` too: `logger.child({ orderId, eventId })`.
 */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}

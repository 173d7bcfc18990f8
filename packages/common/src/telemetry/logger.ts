import { type Logger, pino } from 'pino';

/**
 * A service's logger: JSON, one line a record, on standard output. What is about one order carries `orderId`,
 * what is about one event `eventId` too: `logger.child({ orderId, eventId })`.
 */
export function createLogger(service: string, level: string): Logger {
  // Whose reader is gone: the log ends there, and the service does not.
  if (!process.stdout.listeners('error').includes(ignore)) process.stdout.on('error', ignore);
  const options = {
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, standardOutput);
}

function ignore(): void {}

/**
 * In the place of pino's own stream, which at the end of the process goes on trying for ever where nobody reads any more:
 * a service whose launcher was killed then never ended.
 */
const standardOutput = { write: (line: string) => void process.stdout.write(line) };

const levels: Record<string, string> = {
  40: 'warn',
  50: 'error',
  60: 'fatal',
  warn: 'warn',
  error: 'error',
  fatal: 'fatal',
};

/**
 * What a line of a service's output says that a person at the console should see: a warning or worse of its structured
 * log, or anything that is no structured log at all, such as a stack trace; undefined for the rest.
 */
export function troubleIn(line: string): string | undefined {
  if (line.trim() === '') return undefined;
  const entry = parse(line);
  if (entry === undefined) return line;
  const level = levels[String(entry.level)];
  if (level === undefined) return undefined;
  const cause = errorMessage(entry.err);
  return `${level}: ${String(entry.msg ?? '')}${cause === undefined || cause === entry.msg ? '' : ` (${cause})`}`;
}

/** Whether a line is an entry of a structured log. */
export function isStructured(line: string): boolean {
  return parse(line) !== undefined;
}

/** Lets at most `perSecond` messages through in a second, and then says how many it held back. */
export function limited(say: (message: string) => void, perSecond = 5, now = () => performance.now()) {
  let windowAt = now();
  let said = 0;
  let held = 0;
  return (message: string): void => {
    if (now() - windowAt >= 1_000) {
      if (held > 0) say(`${held} more lines of trouble are in its log`);
      windowAt = now();
      said = 0;
      held = 0;
    }
    if (said < perSecond) say(message);
    else held += 1;
    said += 1;
  };
}

function parse(line: string): { level?: unknown; msg?: unknown; err?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function errorMessage(error: unknown): string | undefined {
  const known = typeof error === 'object' && error !== null && 'message' in error;
  return known ? String(error.message) : undefined;
}

/**
 * Error codes with which Redis refuses a command before doing any of it, and which pass by themselves or with an
 * operator's help. The rest (WRONGTYPE, NOSCRIPT, NOPERM, ...) are faults of ours.
 */
const replyCodes = [
  'LOADING',
  'OOM',
  'MISCONF',
  'READONLY',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'NOREPLICAS',
  'BUSY',
  'UNBLOCKED',
];

/** What ioredis words as a lack of its options, in words for somebody who asked for an order. */
const plainWords: readonly [start: string, words: string][] = [
  ["Stream isn't writeable", 'there is no connection'],
  ['Reached the max retries per request', 'the connection was lost'],
];

/** How ioredis words a connection that is not there; matched at the start of the message. */
const clientMessages = [
  'Connection is closed',
  'Connection is aborted',
  "Stream isn't writeable",
  'Command timed out',
  'Socket timeout',
  'Reached the max retries per request',
  'Cluster is dis',
  "Cluster isn't ready",
  'Node is disconnected',
  'No master node is available',
  'None of startup nodes is available',
  'Failed to refresh slots cache',
  'All sentinels are unreachable',
  'Too many Cluster redirections',
  'Command aborted due to connection close',
  'connect ETIMEDOUT',
];

const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * Why Redis cannot serve now, where `error` (or what caused it) says so; undefined for any other error.
 *
 * @example redisAway(new Error('Connection is closed.')) // 'Connection is closed.'
 */
export function redisAway(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    const { message } = cause;
    const code: unknown = 'code' in cause ? cause.code : undefined;
    if (typeof code === 'string' && socketCodes.has(code)) return message || code;
    // A script's error keeps its code as the first word: "OOM command not allowed ... script: ...".
    if (replyCodes.includes(message.split(/[\s:]/, 1)[0] ?? '')) return message;
    if (clientMessages.some((start) => message.startsWith(start))) return plainly(message);
  }
  return undefined;
}

function plainly(message: string): string {
  return plainWords.find(([start]) => message.startsWith(start))?.[1] ?? message;
}

/** Where a Redis comes from: one that runs already, a program to start, or an image to run. */
export type RedisSource =
  | { kind: 'url'; url: string }
  | { kind: 'binary'; server: string; version: string }
  | { kind: 'docker'; image: string };

export type Search = { env: NodeJS.ProcessEnv; onProgress: (message: string) => void };

/** One way to a Redis: the source, or in a few words why this way led nowhere. */
export type Way = (search: Search) => Promise<RedisSource | { missing: string }>;

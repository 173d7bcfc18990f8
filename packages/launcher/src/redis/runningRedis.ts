export type RedisSettings = {
  /** A free port of loopback. */
  port: number;
  /** Where its data and its log go; made when it is not there. Another start in the same folder finds the data. */
  dir: string;
  appendonly: boolean;
  /** More arguments of redis-server, such as ['--maxmemory', '10mb']; they win over the defaults. */
  args?: readonly string[];
  /** Out of reach of the terminal's Ctrl-C: who started it ends it, after those who use it. */
  ownGroup?: boolean;
  /** Aborted when the start is no longer wanted: it then rejects, and nothing is left running. */
  signal?: AbortSignal;
};

export type Ended = { code: number | null; signal: NodeJS.Signals | null };

export type RunningRedis = {
  url: string;
  port: number;
  /** Only of a process of this machine: a container's or a URL's is not ours to signal. */
  pid?: number;
  container?: string;
  /** Ends it in order, its data written; one that takes longer than timeoutMs (5 s) is killed. Its data stays. */
  stop(timeoutMs?: number): Promise<void>;
  /** Ends it as SIGKILL does. */
  kill(): Promise<void>;
  /** Settles when the server has ended, for whatever reason; never for a URL. */
  exited: Promise<Ended>;
};

/** How long a Redis may take to end in order before it is killed. */
export const stopTimeoutMs = 5_000;

import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { type ServiceProcess, startProcess } from 'launcher/services/serviceProcess';

const RESTART_MS = 250;
const LOOK_EVERY_MS = 50;
/** A busy machine starts slowly, and a start that meets a fault of Redis is another one. */
const UP_MS_MAX = 300_000;
const STOP_MS_MAX = 4_000;

export type Program = { name: string; url: string; args: string[]; env: NodeJS.ProcessEnv; logFile: string };

/** One process of a service, started again whenever it ends, unless a fault holds it down. */
export class Instance {
  readonly name: string;
  readonly url: string;
  /** Ends that nobody had asked for, of a process that had been up: each is a fault of the service. */
  readonly crashes: string[] = [];
  readonly #program: Program;
  #process: ServiceProcess | undefined;
  #wanted = true;
  #asked = false;
  #wasUp = false;
  #thaw: (() => void) | undefined;

  constructor(program: Program) {
    this.name = program.name;
    this.url = program.url;
    this.#program = program;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    const { args, env, logFile } = this.#program;
    const started = startProcess({ args, env, logFile }, () => {});
    this.#process = started;
    this.#asked = false;
    this.#wasUp = false;
    void started.exited.then(({ code, signal }) => {
      if (this.#asked || !this.#wanted) return;
      if (this.#wasUp) this.crashes.push(`${this.name} ended with ${signal ?? code}: ${started.lastWords().at(-1)}`);
      return wait(RESTART_MS).then(() => this.#wanted && !this.#asked && this.start());
    });
  }

  /** Waits until it answers; one that refuses to start while Redis is away is started again until it does. */
  async untilUp(): Promise<void> {
    const giveUpAt = performance.now() + UP_MS_MAX;
    while (!(await this.#isHealthy())) {
      if (performance.now() > giveUpAt) throw new Error(`${this.name} is not up after ${UP_MS_MAX} ms`);
      await wait(LOOK_EVERY_MS);
    }
    this.#wasUp = true;
  }

  /** SIGKILL; it stays down until start(). */
  async kill(): Promise<void> {
    this.#asked = true;
    this.#process?.signal('SIGKILL');
    await this.#process?.exited;
  }

  /** SIGSTOP and SIGCONT: it notices nothing of the time between. */
  freeze(frozen: boolean): void {
    this.#thaw?.();
    this.#thaw = frozen && this.pid !== undefined ? freeze(this.pid) : undefined;
  }

  /** Ends it for good, in order where it can. */
  async stop(): Promise<void> {
    this.#wanted = false;
    const ending = this.#process;
    if (!ending?.alive()) return;
    this.freeze(false);
    ending.signal('SIGTERM');
    const timer = setTimeout(() => ending.signal('SIGKILL'), STOP_MS_MAX);
    await ending.exited;
    clearTimeout(timer);
  }

  async #isHealthy(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(1_000) });
      await response.arrayBuffer();
      return response.status === 200;
    } catch {
      return false;
    }
  }
}

/**
 * Stops a process until the answer is called, or until this process is gone, however that came: a shell waits for the end of
 * its input, and one that stays frozen would stay for ever.
 */
function freeze(pid: number): () => void {
  const script = `kill -STOP ${pid}; read _; kill -CONT ${pid}`;
  const shell = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  shell.stdin.on('error', () => {});
  return () => shell.stdin.end();
}

import { pause } from '../processes/pause.ts';
import { Refusal, reasonOf } from '../refusal.ts';
import type { ServiceProcess } from './serviceProcess.ts';

export type ServiceState = 'stopped' | 'starting' | 'up' | 'restarting';

export type Supervision = {
  spawn(): ServiceProcess;
  /** Settles when it can be used; rejects when it has ended instead. */
  untilReady(process: ServiceProcess): Promise<void>;
  /** Told whenever the state or the process has changed. */
  onChange(): void;
  /** What people are told, such as 'ended with SIGKILL; starting again in 0.25 s'. */
  say(message: string): void;
  /** Pauses before the first, second, ... start in a row; the last one repeats. */
  delaysMs?: readonly number[];
  stopTimeoutMs?: number;
};

const defaultDelaysMs = [250, 500, 1_000, 2_000, 5_000, 10_000];
const defaultStopTimeoutMs = 3_000;
/** One that was up this long starts again as if it had never died. */
const steadyMs = 10_000;

/** One service under supervision: while it is wanted, it is started again whenever it ends. */
export class SupervisedService {
  readonly #supervision: Supervision;
  #state: ServiceState = 'stopped';
  #process: ServiceProcess | undefined;
  #deaths = 0;
  /** Aborted when the service is no longer wanted; a start makes a new one. */
  #want = new AbortController();

  constructor(supervision: Supervision) {
    this.#supervision = supervision;
  }

  get state(): ServiceState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it and waits until it is ready. @throws Refusal when it ends first; it is then stopped. */
  async start(): Promise<void> {
    if (this.#state !== 'stopped') return;
    this.#want = new AbortController();
    const { signal } = this.#want;
    this.#deaths = 0;
    try {
      void this.#keepUp(await this.#bringUp('starting'), signal);
    } catch (error) {
      if (!signal.aborted) await this.stop();
      throw error;
    }
  }

  /** Ends it, by SIGKILL where SIGTERM does not in time, and leaves it stopped. */
  async stop(): Promise<void> {
    this.#want.abort();
    if (this.#process !== undefined) await this.#end(this.#process);
    this.#process = undefined;
    if (this.#state !== 'stopped') this.#become('stopped');
  }

  /** SIGKILL, which counts as a death like any other. @throws Refusal when it does not run. */
  kill(): void {
    if (this.#process?.alive() !== true) throw new Refusal('it does not run');
    this.#process.signal('SIGKILL');
  }

  #become(next: ServiceState): void {
    this.#state = next;
    this.#supervision.onChange();
  }

  async #bringUp(next: 'starting' | 'restarting'): Promise<ServiceProcess> {
    const started = this.#supervision.spawn();
    this.#process = started;
    this.#become(next);
    await this.#supervision.untilReady(started);
    if (this.#process === started && started.alive()) this.#become('up');
    return started;
  }

  /** Waits for each death and starts again, until the service is not wanted any more. */
  async #keepUp(first: ServiceProcess, want: AbortSignal): Promise<void> {
    let running: ServiceProcess | undefined = first;
    while (!want.aborted) {
      const upAt = performance.now();
      const how = await running?.exited;
      if (want.aborted) return;
      if (performance.now() - upAt > steadyMs) this.#deaths = 0;
      const delayMs = this.#nextDelay();
      this.#process = undefined;
      this.#become('restarting');
      const again = `starting again in ${delayMs / 1_000} s`;
      this.#supervision.say(
        how === undefined ? again : `ended with ${how.signal ?? `exit code ${how.code}`}; ${again}`,
      );
      await pause(delayMs, want);
      running = await this.#tryAgain(want);
    }
  }

  #nextDelay(): number {
    const delays = this.#supervision.delaysMs ?? defaultDelaysMs;
    this.#deaths += 1;
    return delays[Math.min(this.#deaths, delays.length) - 1] ?? 0;
  }

  async #tryAgain(want: AbortSignal): Promise<ServiceProcess | undefined> {
    if (want.aborted) return undefined;
    try {
      const started = await this.#bringUp('restarting');
      this.#supervision.say(`runs again (process ${started.pid})`);
      return started;
    } catch (error) {
      if (want.aborted) return undefined;
      this.#supervision.say(`did not start: ${reasonOf(error)}`);
      if (this.#process !== undefined) await this.#end(this.#process);
      return undefined;
    }
  }

  async #end(ending: ServiceProcess): Promise<void> {
    const timeoutMs = this.#supervision.stopTimeoutMs ?? defaultStopTimeoutMs;
    const timer = setTimeout(() => ending.signal('SIGKILL'), timeoutMs);
    ending.signal('SIGTERM');
    await ending.exited;
    clearTimeout(timer);
  }
}

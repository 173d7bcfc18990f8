import { isAlive } from './processes/isAlive.ts';
import { reasonOf } from './refusal.ts';
import { changeRunFile, type RunFile, type ServiceRow, writeRunFile } from './runFile.ts';

/** What this launcher has to say in the run file; `redis` is the owner's. */
export type OwnPart = { services: readonly ServiceRow[]; redis?: RunFile['redis'] };

/** Keeps this launcher's part of run.json current: its own services and, for the owner, Redis. */
export class RunFileKeeper {
  readonly #path: string;
  readonly #ownPart: () => OwnPart;
  readonly #say: (message: string) => void;
  #writes: Promise<void> = Promise.resolve();
  #left = false;

  /**
   * @param ownPart what holds now, asked at each write
   * @param say told when a write fails, which ends nothing
   */
  constructor(path: string, ownPart: () => OwnPart, say: (message: string) => void) {
    this.#path = path;
    this.#ownPart = ownPart;
    this.#say = say;
  }

  /** Brings the file up to date, after what was asked for before. */
  update(): void {
    if (!this.#left) void this.#change((run) => withOwnPart(run, this.#ownPart()));
  }

  /** Settles when the file is what was asked for so far. */
  written(): Promise<void> {
    return this.#writes;
  }

  /** The owner says that it ends, so that those that joined end too. */
  announceEnd(): Promise<void> {
    return this.#change((run) => ({ ...run, stopping: true }));
  }

  /** The owner removes the file, one that joined takes its own services out. */
  async leave(): Promise<void> {
    this.#left = true;
    await this.#change((run) => ({ ...run, services: run.services.filter((row) => row.launcher !== process.pid) }));
    if (this.#ownPart().redis !== undefined) await writeRunFile(this.#path, undefined);
  }

  #change(to: (run: RunFile) => RunFile): Promise<void> {
    this.#writes = this.#writes
      .then(() => changeRunFile(this.#path, to))
      .catch((error) => this.#say(`run.json: ${reasonOf(error)}`));
    return this.#writes;
  }
}

/** A service that was stopped here and is run by another launcher now is that one's to tell of. */
export function withOwnPart(run: RunFile, { services, redis }: OwnPart): RunFile {
  const others = run.services.filter((row) => row.launcher !== process.pid);
  const taken = (name: string) => others.some((row) => row.name === name && row.pid !== null && isAlive(row.launcher));
  const own = services.filter((row) => row.pid !== null || !taken(row.name));
  const rest = others.filter((row) => !own.some(({ name }) => name === row.name));
  return {
    ...run,
    ...(redis === undefined ? {} : { redis }),
    services: [...rest, ...own].sort((a, b) => a.port - b.port),
  };
}

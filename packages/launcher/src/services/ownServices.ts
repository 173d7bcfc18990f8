import { join } from 'node:path';
import { requireFree } from '../ports/requireFree.ts';
import { Refusal, reasonOf } from '../refusal.ts';
import type { ServiceRow } from '../runFile.ts';
import { type Deployment, portOf, serviceEnvironment, urlOf } from './serviceEnvironment.ts';
import { type ServiceName, serviceNames } from './serviceNames.ts';
import { startProcess } from './serviceProcess.ts';
import { SupervisedService } from './supervisedService.ts';
import { isStructured, limited, troubleIn } from './trouble.ts';
import { untilHealthy } from './untilHealthy.ts';

export type ServicesSettings = {
  deployment: Deployment;
  env: NodeJS.ProcessEnv;
  /** The folder of their log files. */
  logs: string;
  /** The arguments with which Node runs a service. */
  argumentsOf(name: ServiceName): string[];
  say(message: string): void;
  onChange(): void;
};

/** The services of one launcher, each a process under supervision. */
export class OwnServices {
  readonly #settings: ServicesSettings;
  /** Those that were started here, and may have been stopped since. */
  readonly #services = new Map<ServiceName, SupervisedService>();

  constructor(settings: ServicesSettings) {
    this.#settings = settings;
  }

  stateOf(name: ServiceName): string {
    return this.#services.get(name)?.state ?? 'stopped';
  }

  /** Starts services side by side. @throws Refusal of the first that cannot; the others are left to stopAll(). */
  async start(names: readonly ServiceName[]): Promise<void> {
    const begun = names.filter((name) => this.stateOf(name) === 'stopped');
    for (const name of begun) await requireFree(this.#port(name), name);
    await Promise.all(begun.map((name) => this.#service(name).start()));
  }

  async stop(name: ServiceName): Promise<void> {
    await this.#services.get(name)?.stop();
  }

  kill(name: ServiceName): void {
    try {
      this.#service(name).kill();
    } catch (error) {
      throw new Refusal(`${name}: ${reasonOf(error)}`);
    }
  }

  async stopAll(): Promise<void> {
    await Promise.all(Array.from(this.#services.values(), (service) => service.stop()));
  }

  rows(): ServiceRow[] {
    const { portOffset } = this.#settings.deployment;
    return serviceNames.flatMap((name) => {
      const service = this.#services.get(name);
      if (service === undefined) return [];
      const place = { port: portOf(name, portOffset), url: urlOf(name, portOffset) };
      return { name, pid: service.pid ?? null, ...place, expected: service.state !== 'stopped', launcher: process.pid };
    });
  }

  #port(name: ServiceName): number {
    return portOf(name, this.#settings.deployment.portOffset);
  }

  #service(name: ServiceName): SupervisedService {
    const known = this.#services.get(name) ?? this.#supervise(name);
    this.#services.set(name, known);
    return known;
  }

  #supervise(name: ServiceName): SupervisedService {
    const { deployment, env, logs, argumentsOf, say, onChange } = this.#settings;
    const program = {
      args: argumentsOf(name),
      env: serviceEnvironment(name, deployment, env),
      logFile: join(logs, `${name}.log`),
    };
    const trouble = limited((message) => say(`${name} | ${message}`));
    const heed = (line: string): void => {
      // Plain words of one that is about to end are the reason that its start rejects with: said once, there.
      if (this.stateOf(name) !== 'up' && !isStructured(line)) return;
      const message = troubleIn(line);
      if (message !== undefined) trouble(message);
    };
    return new SupervisedService({
      spawn: () => startProcess(program, heed),
      untilReady: (process) => untilHealthy(name, urlOf(name, deployment.portOffset), process),
      onChange,
      say: (message) => say(`${name}: ${message}`),
    });
  }
}

import type { Arguments } from './cli/readArguments.ts';
import type { ServiceCommand } from './cli/readCommand.ts';
import { claimData, type DataFolder, dataFolder } from './data/claimData.ts';
import { giveUpOwnership } from './data/ownership.ts';
import { requireFree } from './ports/requireFree.ts';
import { isAlive, killQuietly } from './processes/isAlive.ts';
import { describeRedis } from './redis/describeRedis.ts';
import { findRedis } from './redis/findRedis.ts';
import { withoutPassword } from './redis/fromUrl.ts';
import { type KeptRedis, keepRedis } from './redis/keepRedis.ts';
import { requireAnswer } from './redis/requireAnswer.ts';
import { Refusal } from './refusal.ts';
import { type RunFile, readRunFile, writeRunFile } from './runFile.ts';
import { RunFileKeeper } from './runFileKeeper.ts';
import { OwnServices } from './services/ownServices.ts';
import { portOf } from './services/serviceEnvironment.ts';
import type { ServiceName } from './services/serviceNames.ts';

export type Surroundings = {
  env: NodeJS.ProcessEnv;
  /** The arguments with which Node runs a service. */
  argumentsOf(name: ServiceName): string[];
  say(message: string): void;
  /** Called when the launcher that was joined ends, and this one has to. */
  onOwnerGone(reason: string): void;
};

const redisStopTimeoutMs = 1_200;
const ownerCheckMs = 250;

/** Everything that one launcher runs: Redis, unless it joins another's, and services. */
export class LaunchedSystem {
  readonly #args: Arguments;
  readonly #surroundings: Surroundings;
  readonly #folder: DataFolder;
  readonly #file: RunFileKeeper;
  readonly #ending = new AbortController();
  #portOffset: number;
  #redis: KeptRedis | undefined;
  #services: OwnServices | undefined;
  #ownerWatch: NodeJS.Timeout | undefined;
  #started: Promise<void> = Promise.resolve();

  constructor(args: Arguments, surroundings: Surroundings) {
    this.#args = args;
    this.#surroundings = surroundings;
    this.#folder = dataFolder(args.data);
    this.#portOffset = args.portOffset ?? 0;
    const part = () => ({ services: this.#services?.rows() ?? [], ...this.#ownRedis() });
    this.#file = new RunFileKeeper(this.#folder.runFile, part, surroundings.say);
  }

  get portOffset(): number {
    return this.#portOffset;
  }

  /**
   * Finds a Redis or joins a launcher that has one, and starts the services.
   * @throws Refusal saying what is in the way; what was started by then is left to stop()
   */
  start(): Promise<void> {
    this.#started = this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    const { names } = this.#args;
    const { env, argumentsOf, say } = this.#surroundings;
    const joined = await claimData(this.#args, { env, say, signal: this.#ending.signal });
    this.#portOffset = joined?.portOffset ?? this.#portOffset;
    for (const name of names) await requireFree(portOf(name, this.#portOffset), name);
    this.#ending.signal.throwIfAborted();
    const redisUrl = joined === undefined ? await this.#own() : this.#join(joined);
    this.#ending.signal.throwIfAborted();
    this.#services = new OwnServices({
      deployment: { portOffset: this.#portOffset, redisUrl, runFile: this.#folder.runFile, expected: names },
      env,
      argumentsOf,
      say,
      logs: this.#folder.logs,
      onChange: () => this.#file.update(),
    });
    await this.#services.start(names);
  }

  async #own(): Promise<string> {
    const { env, say } = this.#surroundings;
    const { signal } = this.#ending;
    const source = await findRedis({ env, onProgress: say });
    signal.throwIfAborted();
    if (source.kind === 'url') await requireAnswer(source.url);
    const settings = { dir: this.#folder.redis, appendonly: true, ownGroup: true, signal };
    this.#redis = await keepRedis(source, settings, { say, onChange: () => this.#file.update() });
    const redis = this.#redis.current();
    say(describeRedis(source, redis));
    await writeRunFile(this.#folder.runFile, {
      launcher: process.pid,
      stopping: false,
      portOffset: this.#portOffset,
      redis: { url: redis.url },
      ...this.#ownRedis(),
      services: [],
    });
    return redis.url;
  }

  #ownRedis(): { redis?: RunFile['redis'] } {
    if (this.#redis === undefined) return {};
    const { url, pid, container } = this.#redis.current();
    return { redis: { url, ...(pid === undefined ? {} : { pid }), ...(container === undefined ? {} : { container }) } };
  }

  #join(joined: RunFile): string {
    this.#surroundings.say(`joining launcher ${joined.launcher}, Redis ${withoutPassword(joined.redis.url)}`);
    this.#ownerWatch = setInterval(() => void this.#checkOwner(joined.launcher), ownerCheckMs);
    return joined.redis.url;
  }

  async #checkOwner(owner: number): Promise<void> {
    const run = await readRunFile(this.#folder.runFile);
    if (run?.launcher === owner && !run.stopping && isAlive(owner)) return;
    this.#surroundings.onOwnerGone(`launcher ${owner}, which owns Redis, has ended`);
  }

  /** @throws Refusal when the command cannot be done */
  async perform({ verb, name }: ServiceCommand): Promise<void> {
    const services = this.#services;
    if (services === undefined) throw new Refusal('still starting');
    const running = services.stateOf(name) !== 'stopped';
    if (!running) await this.#refuseOthers(name, verb);
    switch (verb === 'toggle' ? (running ? 'stop' : 'start') : verb) {
      case 'kill':
        return services.kill(name);
      case 'stop':
        await services.stop(name);
        return this.#surroundings.say(`${name}: stopped`);
      case 'start':
        await services.start([name]);
        return this.#surroundings.say(`${name}: up`);
    }
  }

  /** A service of another launcher is not ours to stop, and need not be started. */
  async #refuseOthers(name: ServiceName, verb: string): Promise<void> {
    const row = (await readRunFile(this.#folder.runFile))?.services.find((each) => each.name === name);
    if (row === undefined || row.pid === null || row.launcher === process.pid || !isAlive(row.launcher)) return;
    throw new Refusal(`${name} is run by launcher ${row.launcher}: ${verb} it there`);
  }

  /** What runs, as the run file has it, and the state of this launcher's own services. */
  async status(): Promise<{ run: RunFile | undefined; stateOf(name: ServiceName): string }> {
    const stateOf = (name: ServiceName) => this.#services?.stateOf(name) ?? 'stopped';
    await this.#file.written();
    return { run: await readRunFile(this.#folder.runFile), stateOf };
  }

  /** Ends the services, then Redis, within 4.5 s, also in the middle of start(). */
  async stop(): Promise<void> {
    this.#ending.abort(new Refusal('ended while starting'));
    clearInterval(this.#ownerWatch);
    if (this.#redis !== undefined) await this.#file.announceEnd();
    await this.#services?.stopAll();
    await this.#started.catch(() => {});
    await this.#redis?.stop(redisStopTimeoutMs);
    await this.#file.leave();
    await giveUpOwnership(this.#folder.owner);
  }

  /** The last way out, without waiting. */
  killAll(): void {
    for (const row of this.#services?.rows() ?? []) killQuietly(row.pid ?? undefined);
    killQuietly(this.#redis?.current().pid);
  }
}

import { help } from './cli/help.ts';
import { type Arguments, type Places, readArguments, refuseSwallowed } from './cli/readArguments.ts';
import type { Command } from './cli/readCommand.ts';
import { isInForeground } from './console/foreground.ts';
import { legend } from './console/keys.ts';
import { listen } from './console/listen.ts';
import { statusTable } from './console/statusTable.ts';
import { tryNext } from './console/tryNext.ts';
import { LaunchedSystem } from './launchedSystem.ts';
import { Refusal, reasonOf } from './refusal.ts';
import { type ServiceName, serviceNames } from './services/serviceNames.ts';

const stopTimeoutMs = 4_800;

/**
 * The launcher from its arguments to its exit code: 0 when it was asked to end, 1 when it could not start or go on.
 * @param places.argumentsOf the arguments with which Node runs a service
 */
export async function runLauncher(
  argv: readonly string[],
  places: Places & { argumentsOf(name: ServiceName): string[] },
): Promise<number> {
  let args: Arguments;
  try {
    refuseSwallowed(process.env);
    args = readArguments(argv, places);
  } catch (error) {
    return refuse(error);
  }
  if (args.help) return print(help);
  const end = Promise.withResolvers<{ code: number; why: string }>();
  const system = new LaunchedSystem(args, {
    env: process.env,
    argumentsOf: places.argumentsOf,
    say: print,
    onOwnerGone: (why) => end.resolve({ code: 0, why }),
  });
  heedSignals(end.resolve);
  process.on('exit', () => system.killAll());
  const told = {
    command: (command: Command) =>
      command.verb === 'quit' ? end.resolve({ code: 0, why: 'quit' }) : void obey(command, system),
    say: print,
    echo: (text: string) => process.stdout.write(text),
  };
  const isHeard = !process.stdin.isTTY || isInForeground();
  const giveBack = isHeard ? listen(process.stdin, serviceNames, told) : () => {};
  const startedAt = performance.now();
  const up = system.start().then(() => showStart(args, system, isHeard, performance.now() - startedAt));
  up.catch((error) => end.resolve({ code: 1, why: reasonOf(error) }));
  const { code, why } = await end.promise;
  giveBack();
  if (code === 0) print(`${why}: ending`);
  else refuse(new Refusal(why));
  await within(stopTimeoutMs, system.stop());
  return code;
}

/** Every way in which a launcher is told to end; the second time changes nothing, for the first takes 5 s at most. */
function heedSignals(end: (how: { code: number; why: string }) => void): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => end({ code: 0, why: name }));
  // tools/run.mjs holds the other end of this channel: it closes when that process is killed.
  if (process.connected) process.on('disconnect', () => end({ code: 0, why: 'the process that started this is gone' }));
  process.stdout.on('error', () => end({ code: 0, why: 'nobody reads this output any more' }));
  process.stderr.on('error', () => {});
  process.on('uncaughtException', (error) => end({ code: 1, why: `a fault of the launcher: ${error.stack}` }));
}

/** The table and the keys come last: they are what a small terminal still shows. */
async function showStart(args: Arguments, system: LaunchedSystem, isHeard: boolean, tookMs: number): Promise<void> {
  print(`\n${tryNext(args.names, system.portOffset)}`);
  await show(system);
  const lines = 'Lines to type: stop S   start S   kill S   status   quit';
  const keys = isHeard ? legend(serviceNames) : 'In the background no key is read; fg and Ctrl-C, or kill, end it.';
  print(`\n${process.stdin.isTTY ? keys : lines}`);
  print(`Ready after ${(tookMs / 1_000).toFixed(1)} s; Ctrl-C ends everything`);
}

async function show(system: LaunchedSystem): Promise<void> {
  const { run, stateOf } = await system.status();
  print(run === undefined ? 'nothing runs yet' : `\n${statusTable(run, stateOf)}`);
}

/** One after another: what is typed while a service stops waits until it has stopped. */
let obeyed = Promise.resolve();

function obey(command: Exclude<Command, { verb: 'quit' }>, system: LaunchedSystem): Promise<void> {
  const act = () => (command.verb === 'status' ? show(system) : system.perform(command));
  obeyed = obeyed.then(act).catch((error) => void print(reasonOf(error)));
  return obeyed;
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([work.catch((error) => void print(reasonOf(error))), promise]);
  clearTimeout(timer);
}

function print(text: string): 0 {
  console.log(text);
  return 0;
}

function refuse(error: unknown): 1 {
  console.error(`npm start: ${reasonOf(error)}`);
  return 1;
}

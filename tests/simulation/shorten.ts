import * as fc from 'fast-check';
import type { Command } from './command.ts';
import { Violation } from './play.ts';
import { anyCommands } from './stories.ts';

type Play = (story: readonly Command[]) => Promise<unknown>;

/** What is broken, or undefined where nothing is. */
async function fault(play: Play, story: readonly Command[]): Promise<Violation | undefined> {
  return play(story).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof Violation) return error;
      throw error;
    },
  );
}

/**
 * Makes a story that breaks something as short as it goes within `msMax`: first what comes after the break is left out, then
 * orders, then commands by ever smaller chunks, as delta debugging does; at last fast-check shrinks what the commands say.
 */
export async function shorten(play: Play, story: readonly Command[], step: number, msMax: number): Promise<Command[]> {
  const end = performance.now() + msMax;
  let shortest = [...story];
  const tryOut = async (shorter: Command[]): Promise<boolean> => {
    if (performance.now() > end || shorter.length === 0) return false;
    if (!(await fault(play, shorter))) return false;
    shortest = shorter;
    return true;
  };
  if (step > 0) await tryOut(story.slice(0, step));
  for (const most of [1, 4, 16]) if (await tryOut(withFewOrders(shortest, most))) break;
  for (let size = Math.ceil(shortest.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < shortest.length; ) {
      if (!(await tryOut([...shortest.slice(0, at), ...shortest.slice(at + size)]))) at += size;
    }
  }
  const property = fc.asyncProperty(anyCommands, (shorter) => play(shorter).then(() => undefined));
  const timeLimit = Math.max(100, end - performance.now());
  const options = { numRuns: 1, examples: [[shortest] as [Command[]]], skipAllAfterTimeLimit: timeLimit };
  const { counterexample } = await fc.check(property, options);
  return counterexample?.[0] ?? shortest;
}

const withFewOrders = (story: readonly Command[], most: number) =>
  story.map((command) => (command.do === 'place' ? { ...command, count: Math.min(command.count, most) } : command));

/** What the shortest story breaks. */
export async function problemOf(play: Play, story: readonly Command[]): Promise<string> {
  return (await fault(play, story))?.message ?? 'played again, it breaks nothing: it is not determined by its seed';
}

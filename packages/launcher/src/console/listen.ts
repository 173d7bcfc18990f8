import { createInterface } from 'node:readline';
import { type Command, readCommand } from '../cli/readCommand.ts';
import { reasonOf } from '../refusal.ts';
import type { ServiceName } from '../services/serviceNames.ts';
import { keyReader } from './keys.ts';

/** Standard input, or what stands in for it. */
export type Input = NodeJS.ReadableStream & { isTTY?: boolean; setRawMode(on: boolean): unknown };

/**
 * Hands on each command that is typed: keys and lines of a terminal, lines of anything else. The end of the input ends
 * nothing: a launcher in the background has none.
 * @returns gives the terminal back as it was
 */
export function listen(
  input: Input,
  names: readonly ServiceName[],
  told: { command(command: Command): void; say(message: string): void; echo(text: string): void },
): () => void {
  const line = (text: string): void => {
    try {
      const command = readCommand(text);
      if (command !== undefined) told.command(command);
    } catch (error) {
      told.say(reasonOf(error));
    }
  };
  input.on('error', () => {});
  if (input.isTTY !== true) {
    const lines = createInterface({ input }).on('line', line);
    return () => lines.close();
  }
  const press = keyReader(names);
  const onData = (chunk: Buffer): void => {
    for (const key of chunk.toString('utf8')) {
      const effect = press(key);
      if (effect.echo !== undefined) told.echo(effect.echo);
      if (effect.line !== undefined) line(effect.line);
      if (effect.command !== undefined) told.command(effect.command);
    }
  };
  input.setRawMode(true);
  input.on('data', onData);
  return () => {
    input.off('data', onData);
    input.setRawMode(false);
    input.pause();
  };
}

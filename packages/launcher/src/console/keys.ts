import type { Command } from '../cli/readCommand.ts';
import type { ServiceName } from '../services/serviceNames.ts';

/** What a key did: a command, a whole line that was typed, or only something to show. */
export type KeyEffect = { command?: Command; line?: string; echo?: string };

/** What the keys do, on lines that a terminal of 80 columns does not break. */
export function legend(names: readonly ServiceName[]): string {
  const numbered = names.map((name, index) => `${index + 1} ${name}`).join('  ');
  const others = `x1 to x${names.length} kill   ? status   q quit   or a line such as: stop exchange`;
  return `Keys: ${numbered}   (stop or start)\n      ${others}`;
}

/**
 * Reads a terminal in raw mode key by key. Digits, x, ? and q act at once; any other letter begins a line (stop, start,
 * kill, status), which Enter ends. No line begins with a key that acts, so the two never meet.
 */
export function keyReader(names: readonly ServiceName[]): (key: string) => KeyEffect {
  let line = '';
  let killing = false;
  /** What has followed an Escape so far. */
  let sequence: string | undefined;

  return (key) => {
    if (key === '\u0003' || (key === '\u0004' && line === '')) return { command: { verb: 'quit' } };
    if (isOfSequence(key)) return {};
    if (line !== '') return editLine(key);
    const name = names[Number(key) - 1];
    if (killing) {
      killing = false;
      return name === undefined ? { echo: '\r\n' } : { echo: `${key}\r\n`, command: { verb: 'kill', name } };
    }
    if (name !== undefined) return { command: { verb: 'toggle', name } };
    return firstKey(key);
  };

  /** Page Up arrives as Escape, [, 5, ~: without this it would stop service 5. The Escape alone still drops a line. */
  function isOfSequence(key: string): boolean {
    const longer = `${sequence ?? ' '}${key}`;
    const [isPart, isWhole] = [/^[[O][ -?]*$/.test(longer), /^[[O][ -?]*[@-~]$/.test(longer)];
    if (isPart) sequence = longer;
    else sequence = key === '\u001b' ? '' : undefined;
    return isPart || isWhole;
  }

  function firstKey(key: string): KeyEffect {
    if (key === '?') return { command: { verb: 'status' } };
    if (key === 'q') return { command: { verb: 'quit' } };
    if (key === 'x') {
      killing = true;
      return { echo: 'kill which (its number)? x' };
    }
    return /^[a-z]$/.test(key) ? editLine(key) : {};
  }

  function editLine(key: string): KeyEffect {
    if (key === '\r' || key === '\n') {
      const whole = line;
      line = '';
      return { echo: '\r\n', line: whole };
    }
    if (key === '\u007f' || key === '\b') {
      line = line.slice(0, -1);
      return { echo: '\b \b' };
    }
    if (key === '\u001b') {
      line = '';
      return { echo: '\r\n' };
    }
    if (!/^[ -~]$/.test(key)) return {};
    line += key;
    return { echo: key };
  }
}

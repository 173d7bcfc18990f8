import { appendFile, open, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';

/** One command as it stands in the append-only file. */
export type Written = { start: number; end: number; args: string[] };

const TAIL_BYTES_MAX = 2_000_000;
const LINE_END = '\r\n';

/** Reads one command at `start`, or nothing where it is not whole. */
function commandAt(buffer: Buffer, start: number): Written | undefined {
  let at = start;
  const number = (sign: string): number | undefined => {
    const end = buffer.indexOf(LINE_END, at);
    const text = end < 0 ? '' : buffer.toString('latin1', at, end);
    if (!text.startsWith(sign) || !/^\d+$/.test(text.slice(1))) return undefined;
    at = end + LINE_END.length;
    return Number(text.slice(1));
  };
  const count = number('*');
  if (count === undefined) return undefined;
  const args: string[] = [];
  for (let i = 0; i < count; i++) {
    const length = number('$');
    if (length === undefined || at + length + LINE_END.length > buffer.length) return undefined;
    args.push(buffer.toString('utf8', at, at + length));
    at += length + LINE_END.length;
  }
  return { start, end: at, args };
}

/** Commands one after the other from `start` on, up to the first that is not whole. */
function commandsFrom(buffer: Buffer, start: number): Written[] {
  const commands: Written[] = [];
  for (let next = commandAt(buffer, start); next; next = commandAt(buffer, next.end)) commands.push(next);
  return commands;
}

/** The commands of a piece of an append-only file that may begin and end anywhere. */
export function commandsOf(piece: Buffer, startsAtCommand: boolean): Written[] {
  if (startsAtCommand) return commandsFrom(piece, 0);
  for (let at = piece.indexOf('\r\n*'); at >= 0; at = piece.indexOf('\r\n*', at + 1)) {
    const commands = commandsFrom(piece, at + LINE_END.length);
    // A value may look like a command's beginning: then it does not go on like one.
    if (commands.length > 2) return commands;
  }
  return [];
}

/** When a command was written by Redis' clock, where it tells: events and signs of life do. */
export function timeOf({ args }: Written): number | undefined {
  const [command = '', key = ''] = args;
  if (/^xadd$/i.test(command) && key.startsWith('choreography.deadline:')) {
    const at = args.indexOf('timestamp');
    return at > 0 ? Number(args[at + 1]) : undefined;
  }
  if (/^zadd$/i.test(command) && key.startsWith('choreography.deadline.lease:')) return Number(args[2]);
  return undefined;
}

export type Cut = { offset: number; commands: number; lostFrom: number; wroteUntil: number };

/** How much of the end to cut: what was written in the last `ms` before a kill that was sent at `killedAt`. */
export type CutTime = { ms: number; killedAt: number };

/**
 * Where to cut so that what was written in the last `ms` before the kill is gone, but for a few commands.
 *
 * @param pick one of `count` commands, by chance
 * @returns nothing where nothing was written then, or the file says too little about time
 */
export function chooseCut(
  written: readonly Written[],
  { ms, killedAt }: CutTime,
  pick: (count: number) => number,
): Cut | undefined {
  const times = written.map(timeOf);
  // A kill may take its time on a busy machine, and Redis goes on until then.
  const wroteUntil = Math.max(killedAt, times.findLast((time) => time !== undefined) ?? 0);
  const first = times.findIndex((time) => time !== undefined && time >= wroteUntil - ms);
  if (first < 0) return undefined;
  const index = first + pick(Math.min(20, written.length - first));
  const kept = keptBefore(written, index);
  const lostFrom = times.slice(0, kept).findLast((time) => time !== undefined);
  const cut = written[index];
  return cut && lostFrom !== undefined
    ? { offset: cut.start, commands: written.length - kept, lostFrom, wroteUntil }
    : undefined;
}

/** Of a transaction whose end is cut off Redis keeps nothing: what stays is what was whole before. */
function keptBefore(written: readonly Written[], index: number): number {
  for (let i = index - 1; i >= 0; i--) {
    const command = written[i]?.args[0]?.toUpperCase();
    if (command === 'EXEC') return index;
    if (command === 'MULTI') return i;
  }
  return index;
}

/** Cuts the tail of the append-only file in the data folder of a Redis that is down. */
export async function cutTail(dir: string, time: CutTime, pick: (count: number) => number): Promise<Cut | undefined> {
  const path = await lastFile(dir);
  if (path === undefined) return undefined;
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const begin = Math.max(0, size - TAIL_BYTES_MAX);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - begin), 0, size - begin, begin);
    const cut = chooseCut(commandsOf(buffer.subarray(0, bytesRead), begin === 0), time, pick);
    if (cut === undefined) return undefined;
    await truncate(path, begin + cut.offset);
    return cut;
  } finally {
    await file.close();
  }
}

const EVENT_BEGUN = ['*5', '$4', 'XADD', '$25', 'choreography.deadline:{0}', '$3', '9-9', '$9', 'eventT'];
const TRANSACTION_BEGUN = ['*1', '$5', 'MULTI', '*3', '$3', 'SET', '$4', 'torn', '$1', '1', ''];

/** What a power cut leaves of a write that nobody was answered yet: half a command, or a transaction without its end. */
export async function tearTail(dir: string, inTransaction: boolean): Promise<void> {
  const path = await lastFile(dir);
  if (path === undefined) throw new Error(`no append-only file in ${dir}`);
  await appendFile(path, (inTransaction ? TRANSACTION_BEGUN : EVENT_BEGUN).join(LINE_END));
}

/** The file that is appended to. */
async function lastFile(dir: string): Promise<string | undefined> {
  const folder = join(dir, 'appendonlydir');
  const manifest = await readFile(join(folder, 'appendonly.aof.manifest'), 'utf8');
  const last = [...manifest.matchAll(/^file (\S+) seq \d+ type i/gm)].at(-1)?.[1];
  return last === undefined ? undefined : join(folder, last);
}

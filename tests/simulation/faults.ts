import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A mistake that somebody could make: one line of one Lua file, another in its place. */
export type Fault = {
  name: string;
  file: string;
  line: string;
  instead: string;
  /** What is found to be broken. */
  breaks: RegExp;
  /** A seed whose first stories find it: rare ones need luck or time. */
  seed: number;
};

/** Planted to see whether the simulation notices; never a part of what is shipped. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'a refund that comes twice is paid twice',
    file: 'point/src/scripts/refundPoints.lua',
    line: "  if status == 'USED' then",
    instead: "  if status == 'USED' or status == 'REFUNDED' then",
    breaks: /I4|I5|does not add up/,
    seed: 1,
  },
  {
    name: 'an order is settled without a look at its status',
    file: 'order/src/scripts/settle.lua',
    line: "  if order.status ~= 'PENDING' then",
    instead: '  if false then',
    breaks: /I1/,
    seed: 1,
  },
  {
    name: 'points are taken without a look at what was taken',
    file: 'point/src/scripts/usePoints.lua',
    line: "  if status ~= 'none' then",
    instead: "  if status == 'VOIDED' then",
    breaks: /I4/,
    seed: 1,
  },
  {
    name: 'points are taken at the very deadline',
    file: 'point/src/scripts/usePoints.lua',
    line: '  if now >= tonumber(event.deadline) then',
    instead: '  if now > tonumber(event.deadline) then',
    breaks: /I3: PointUsed/,
    seed: 16,
  },
  {
    name: 'a compensation that comes before its action is dropped',
    file: 'exchange/src/scripts/compensateExchange.lua',
    line: "  if status ~= 'none' then",
    instead: '  if true then',
    breaks: /I2/,
    seed: 6,
  },
  {
    name: 'a refund takes its points from the balance instead of giving them back',
    file: 'point/src/scripts/refundPoints.lua',
    line: '      movePoints(userId, account, -refund),',
    instead: '      movePoints(userId, account, refund),',
    breaks: /I5/,
    seed: 1,
  },
  {
    name: 'a settled order keeps its deadline running',
    file: 'deadline/src/scripts/cancel.lua',
    line: "  if status ~= 'SCHEDULED' and status ~= 'none' then",
    instead: "  if status ~= 'none' then",
    breaks: /I8/,
    seed: 1,
  },
];

/**
 * The Lua parts that plant a fault.
 *
 * @throws Error where the line is not in the file exactly once: the fault has to be written anew
 */
export function planted({ name, file, line, instead }: Fault): Record<string, string> {
  const text = readFileSync(join(import.meta.dirname, '../../packages', file), 'utf8');
  const parts = text.split(`${line}\n`);
  if (parts.length !== 2) throw new Error(`the fault '${name}' finds its line ${parts.length - 1} times in ${file}`);
  const [part = ''] = file.split('/').at(-1)?.split('.') ?? [];
  return { [part]: parts.join(`${instead}\n`) };
}

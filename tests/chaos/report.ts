import type { FaultRecord } from './history.ts';
import type { ChaosOptions, ChaosResult } from './runChaos.ts';

const VIOLATIONS_SHOWN = 100;

export const commandOf = ({ orders, faults, seed, seconds, fsync, only }: ChaosOptions): string =>
  `npm run chaos -- --orders ${orders} --faults ${faults} --seed ${seed} --seconds ${seconds} --fsync ${fsync}${only ? ` --only '${only}'` : ''}`;

/** What a run has shown, for people: markdown. */
export function report(options: ChaosOptions, result: ChaosResult): string {
  const { violations, answered, lost, delays, faults } = result;
  return [
    '# Chaos report',
    '',
    `\`${commandOf(options)}\`, Node ${process.versions.node}, ${result.redis}, ${result.seconds} s with start, drain and check.`,
    '',
    `**Violations: ${violations.length}.** ${faults.length} faults, ${answered} orders answered 201.`,
    '',
    ...violations.slice(0, VIOLATIONS_SHOWN).map(({ rule, who, what }) => `- ${rule}: ${who}: ${what}`),
    ...(violations.length > 0 ? [''] : []),
    '## Orders, and what every service keeps of them',
    '',
    ...table(
      ['', 'how many'],
      [
        ['answered 201', answered],
        ['of these lost with the tail of the append-only file, a consistent suffix each time', lost],
        ...(lost > 0 ? [['the oldest of them, ms before the last write of Redis', result.lostMsMax]] : []),
        ...[...result.statuses].sort(),
        ['under way when Redis reached maxmemory, and settled while it was there', result.settledFull],
        ['settled after their deadline', delays.after],
      ],
    ),
    '',
    `The longest time from a deadline to the settling was ${delays.maxMs} ms; without the outages of Redis and of the order`,
    `service, and the time in which connections come back, ${delays.maxUpMs} ms (1000 are allowed).`,
    `${result.stalls.times} times, ${Math.round(result.stalls.ms / 1_000)} s in all, Redis or the order service did not answer a probe: faults, and a busy machine.`,
    '',
    '## Answers',
    '',
    ...table(['request and status (0: none came)', 'times'], [...result.answers].sort()),
    '',
    '## Faults',
    '',
    ...table(['fault', 'times', 'longest, ms'], faultRows(faults)),
    ...(result.skipped.length > 0 ? ['', ...result.skipped.map((why) => `- not possible at its moment: ${why}`)] : []),
    '',
  ].join('\n');
}

function faultRows(faults: readonly FaultRecord[]): (string | number)[][] {
  const kinds = Map.groupBy(faults, ({ name }) => name);
  return [...kinds]
    .map(([name, records]) => [name, records.length, Math.max(...records.map(({ from, to }) => to - from))])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)];
}

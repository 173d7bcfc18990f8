import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outcomeOf, type Row, type TransitionTable } from 'common/transitions/table';

/** Where the scripts of a service lie, by path from the root. */
const scriptsOf = (table: TransitionTable) => `packages/${table.actor}/src/scripts`;

/**
 * The state diagram of a table in Mermaid: every way from one state into another. Rows that change no state are left to the
 * table below it.
 */
export function stateDiagram(table: TransitionTable): string {
  const changes = table.rows.filter(({ from, to }) => from !== to);
  const arrows = Map.groupBy(changes, (row) => [nodeOf(row.from), nodeOf(row.to), row.emits ?? ''].join(' '));
  const names = table.states.map((state) => `    state "${state}" as ${nodeOf(state)}`);
  const lines = [...arrows].map(([key, rows]) => {
    const [from, to, emits] = key.split(' ');
    const label = [...rows.map(triggerOf), ...(emits ? [`➜ ${emits}`] : [])].join('<br/>');
    return `    ${from} --> ${to} : ${label}`;
  });
  return fenced('mermaid', ['stateDiagram-v2', ...names, ...lines].join('\n'));
}

const nodeOf = (state: string) => (state === 'none' ? '[*]' : state.replaceAll(' ', '_'));
const triggerOf = ({ on, when }: Row) => (when === undefined ? on : `${on} [${when}]`);

export const fenced = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``;

/** A table in Markdown; a bar within a cell would end it. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** docs/transitions.md: every row of every table. */
export function transitionsPage(root: string, tables: readonly TransitionTable[]): string {
  const intro = [
    '# Transitions',
    '',
    'Every change of state in the system, one row each. A trigger is an event of the log or a command (a request, a timer).',
    'A script decides it in one step: it reads, checks, writes the new state and adds the event, and nothing can come in',
    'between. **A pair of state and trigger that has no row changes nothing**: the event is acknowledged and leaves no trace.',
    'A row that leaves a *note* changes nothing either, but the note stays in the history of the order',
    '(`GET /orders/{orderId}/events` shows it under `ignored`).',
    '',
    'In the diagrams `[*]` is an order without a record, `[guard]` a condition, `➜` the event that is published.',
  ].join('\n');
  return `${[intro, ...tables.map((table) => section(root, table))].join('\n\n')}\n`;
}

function section(root: string, table: TransitionTable): string {
  const rows = table.rows.map((row) => [
    code(row.on),
    code(row.from),
    row.when === undefined ? '' : code(row.when),
    row.from === row.to ? '-' : code(row.to),
    leftBy(row),
    decidedIn(root, table, row),
  ]);
  const parts = [
    `## ${table.actor}`,
    stateDiagram(table),
    markdownTable(['trigger', `${table.entity} is`, 'when', 'becomes', 'leaves in the log', 'decided in'], rows),
    definitions('Guards', table.guards),
    definitions('Commands', table.commands),
    table.compensations.length === 0
      ? ''
      : `Never given up, however often it fails: ${table.compensations.map(code).join(', ')}.`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

const code = (text: string) => `\`${text}\``;

function leftBy({ emits, notes, dead }: Row): string {
  if (emits !== undefined) return code(emits);
  if (notes !== undefined) return `note ${code(notes)}`;
  return dead === undefined ? '' : `dead letter ${code(dead)}`;
}

const definitions = (title: string, words: Readonly<Record<string, string>>) =>
  Object.keys(words).length === 0
    ? ''
    : [`${title}:`, ...Object.entries(words).map(([name, meaning]) => `- ${code(name)}: ${meaning}`)].join('\n');

/** The script whose header names the row among its outcomes, as a link. */
function decidedIn(root: string, table: TransitionTable, row: Row): string {
  const folder = scriptsOf(table);
  const outcome = outcomeOf(row);
  const scripts = readdirSync(join(root, folder)).filter((name) => name.endsWith('.lua'));
  const deciding = scripts.filter((name) => outcomesIn(join(root, folder, name)).includes(outcome));
  return deciding.map((name) => `[${name}](../${folder}/${name})`).join(', ');
}

function outcomesIn(path: string): string[] {
  const comments = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('-- '));
  return comments.map((line) => line.replace(/^-- (Outcomes)?\s*/, ''));
}

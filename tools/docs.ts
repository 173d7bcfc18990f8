import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TransitionTable } from 'common/transitions/table';
import { transitions as deadline } from 'deadline/transitions';
import { transitions as exchange } from 'exchange/transitions';
import { transitions as order } from 'order/transitions';
import { transitions as point } from 'point/transitions';
import { aclBlocks } from './aclDocs.ts';
import { eventsPage } from './eventDocs.ts';
import { stateDiagram, transitionsPage } from './transitionDocs.ts';

const TABLES: readonly TransitionTable[] = [order, exchange, point, deadline];

const BEGIN = '<!-- rendered by tools/docs.ts from the declarations: begin -->';
const END = '<!-- end -->';

/** One document that the declarations decide, as a whole or between two marks. */
type Rendered = { path: string; render: (root: string) => string };

const DOCUMENTS: readonly Rendered[] = [
  { path: 'docs/transitions.md', render: (root) => transitionsPage(root, TABLES) },
  { path: 'docs/events.md', render: () => eventsPage(TABLES) },
  ...TABLES.map((table) => partOf(`packages/${table.actor}/README.md`, () => stateDiagram(table))),
  partOf('docs/operations.md', () => `\n${aclBlocks()}\n`),
];

/** A part of a document, between the two marks. */
function partOf(path: string, part: () => string): Rendered {
  return {
    path,
    render(root) {
      const text = readFileSync(join(root, path), 'utf8');
      const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
      if (from < 0 || to < from) throw new Error(`${path} has no place for what is rendered: ${BEGIN} ... ${END}`);
      return `${text.slice(0, from)}${BEGIN}\n${part()}\n${text.slice(to)}`;
    },
  };
}

/** Documents in the project at `root` that do not say what the declarations say, one line each. */
export function staleDocs(root: string): string[] {
  return DOCUMENTS.filter(({ path, render }) => readOrNothing(join(root, path)) !== render(root)).map(
    ({ path }) => `${path} is not what the declarations say: run node tools/docs.ts`,
  );
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function main(root: string, check: boolean): void {
  const stale = staleDocs(root);
  if (check) {
    for (const line of stale) console.error(line);
    process.exitCode = stale.length > 0 ? 1 : 0;
    return;
  }
  for (const { path, render } of DOCUMENTS) writeFileSync(join(root, path), render(root));
  console.log(stale.length === 0 ? 'docs: current' : `docs: rendered ${stale.length} anew`);
}

if (import.meta.main) main(join(import.meta.dirname, '..'), process.argv.includes('--check'));

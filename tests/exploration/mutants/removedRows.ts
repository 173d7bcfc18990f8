import { GROUPS } from 'common/events/keys';
import { isEvent, outcomeOf } from 'common/transitions/table';
import { ACTORS } from '../seen.ts';
import type { Faults } from '../world.ts';

export type RemovedRow = { row: string; faults: Faults };

const APPLY = 'local function apply(plan, orderId, deadline, cause)\n';

/** Every row of every table, each as a fault: what it says does not happen. */
export function removedRows(): RemovedRow[] {
  return GROUPS.flatMap((group) =>
    ACTORS[group].table.rows.map((row) => {
      const on = isEvent(row.on) ? row.on : '';
      const planted = `${APPLY}  if outcomeOf(cause and cause.eventType or '', plan) == '${outcomeOf({ ...row, on })}'
    and group == '${group}' then
    return
  end
`;
      const outcomeFirst = { file: 'plan', shipped: APPLY, planted: `local outcomeOf\n${planted}` };
      const assigned = { file: 'plan', shipped: 'local function outcomeOf(', planted: 'function outcomeOf(' };
      return { row: `${group}: ${outcomeOf(row)}`, faults: { edits: [outcomeFirst, assigned] } };
    }),
  );
}

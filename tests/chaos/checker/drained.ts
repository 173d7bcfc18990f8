import type { State } from './state.ts';
import type { Violation } from './violation.ts';

/** Nothing is under way any more, nothing was given up, and nobody is left in a group who is not alive. */
export function checkDrained({ groups, deadLetters, due, open }: State): Violation[] {
  const violations: Violation[] = deadLetters.map((what) => ({ rule: 'dead letters', who: 'log', what }));
  for (const { partition, group, pending, unread, retries, consumers, live } of groups) {
    const who = `group ${group} of partition ${partition}`;
    const left = { pending, unread, 'waiting for a retry': retries };
    for (const [what, count] of Object.entries(left)) {
      if (count > 0) violations.push({ rule: 'drained', who, what: `${count} ${what}` });
    }
    for (const name of consumers.filter((consumer) => !live.includes(consumer))) {
      violations.push({ rule: 'drained', who, what: `the consumer ${name} is dead and still there` });
    }
  }
  if (due > 0) violations.push({ rule: 'drained', who: 'deadlines', what: `${due} are still due` });
  if (open > 0) violations.push({ rule: 'drained', who: 'orders', what: `${open} are still open to the sweep` });
  return violations;
}

import type { Cursor } from 'common/http/paging';
import { invalidFields } from 'common/http/problem';

/** Where an entry stands among the streams of all partitions: ids are unique within one only. */
export type Place = { id: string; partition: number };

const sequenceAndPartition = /^(\d{1,15})-(\d{1,4})$/;

/** A place as a page's cursor: `at` is the id's milliseconds, `id` its sequence and the partition. */
export function cursorOf({ id, partition }: Place): Cursor {
  const [ms = '0', sequence = '0'] = id.split('-');
  return { at: Number(ms), id: `${sequence}-${partition}` };
}

/**
 * The place that a cursor tells.
 *
 * @throws HttpProblem 400 for the cursor of another list, which Redis would refuse to read from
 */
export function placeOf({ at, id }: Cursor): Place {
  const [, sequence, partition] = sequenceAndPartition.exec(id) ?? [];
  if (sequence === undefined) throw invalidFields([{ field: 'cursor', message: 'must be the nextCursor of a page' }]);
  return { id: `${at}-${sequence}`, partition: Number(partition) };
}

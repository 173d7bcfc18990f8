import { encodeCursor, pageQuery } from 'common/http/paging';
import { HttpProblem } from 'common/http/problem';
import { expect, test } from 'vitest';
import { cursorOf, placeOf } from './logCursor.ts';

test('a place is found again by its cursor', () => {
  for (const place of [
    { id: '1700000000000-0', partition: 0 },
    { id: '0-999999999999999', partition: 1023 },
  ])
    expect(placeOf(cursorOf(place))).toEqual(place);
});

// Each is well-formed, for lists that are sorted by another name: nothing of it may reach Redis.
test.each(['jjy', '', '7', '-5', '1e400', '1-x', '1-1-1', ' 1-1', '9999999999999999-0', '1-99999', '\u0000-0'])(
  'the cursor of another list is refused by name: %j',
  (id) => {
    const { cursor } = pageQuery.parse({ cursor: encodeCursor({ at: 5, id }) });
    expect(() => cursor && placeOf(cursor)).toThrow(HttpProblem);
    expect(() => cursor && placeOf(cursor)).toThrow('Not valid: cursor');
  },
);

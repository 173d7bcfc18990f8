import { expect, test } from 'vitest';
import { table } from './table.ts';

test('columns line up under the widest cell', () => {
  expect(
    table(
      ['NAME', 'PORT'],
      [
        ['exchange', '8082'],
        ['a', '1'],
      ],
    ),
  ).toBe(['  NAME      PORT', '  exchange  8082', '  a         1'].join('\n'));
});

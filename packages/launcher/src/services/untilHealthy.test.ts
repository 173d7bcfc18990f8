import { expect, test } from 'vitest';
import { reasonAmong } from './untilHealthy.ts';

test.each([
  [['order: PORT must be a number, got x'], 'order: PORT must be a number, got x'],
  [['(node:1) Warning: old', 'order: no Redis', ''], 'order: no Redis'],
  [['file:///x.ts:3', 'TypeError: nothing', '    at x.ts:3', '', 'Node.js v24'], 'TypeError: nothing'],
  [['Segmentation fault', ''], 'Segmentation fault'],
  [[], undefined],
])('of %j the reason is %j', (lines, reason) => {
  expect(reasonAmong('order', lines)).toBe(reason);
});

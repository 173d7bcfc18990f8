import { expect, test } from 'vitest';
import { decimalRate, flag, identifier, isoTime, orderIdParam, positiveInteger, rateText } from './fields.ts';

const max = Number.MAX_SAFE_INTEGER;
const messageOf = (result: { error?: { issues: { message: string }[] } | undefined }) =>
  result.error?.issues[0]?.message;

test.each([
  [1, 1],
  ['500', 500],
  ['007', 7],
  [max, max],
  [`${max}`, max],
])('%j is a whole number', (input, value) => {
  expect(positiveInteger().parse(input)).toBe(value);
});

// biome-ignore format: one line a kind
test.each([
  0, '0', -1, '-1', '+1', 1.5, '1.5', '1e3', '0x10', ' 1', '1 ', '', 'x', '١', '9007199254740992', 2 ** 53, '99999999999999999',
  Number.NaN, Number.POSITIVE_INFINITY, true, null, [], [1], {},
])('%j is none', (input) => {
  expect(messageOf(positiveInteger().safeParse(input))).toBe(`must be a whole number from 1 to ${max}`);
});

test('bounds are told, absence is told apart', () => {
  expect(messageOf(positiveInteger({ min: 0, max: 5 }).safeParse('6'))).toBe('must be a whole number from 0 to 5');
  expect(positiveInteger({ min: 0 }).parse('0')).toBe(0);
  expect(messageOf(positiveInteger().safeParse(undefined))).toBe('is required');
  expect(positiveInteger().optional().parse(undefined)).toBeUndefined();
  expect(orderIdParam.parse({ orderId: '3' })).toEqual({ orderId: 3 });
});

test.each(['a', ' ', 'jjy', '{0}', ':', '한국', '...', 'x'.repeat(128), '😀'.repeat(128)])(
  '%j names someone',
  (name) => {
    expect(identifier().parse(name)).toBe(name);
  },
);

test.each([
  ['', 'must not be empty'],
  ['.', 'must not be . or ..'],
  ['..', 'must not be . or ..'],
  ['x'.repeat(129), 'must be at most 128 characters'],
  ['😀'.repeat(129), 'must be at most 128 characters'],
  ['a\nb', 'must not contain control characters'],
  ['a\u0000', 'must not contain control characters'],
  ['\u007f', 'must not contain control characters'],
  ['\u0085', 'must not contain control characters'],
  ['\ud83d', 'must be well-formed Unicode'],
])('%j names nobody: %s', (name, message) => {
  expect(messageOf(identifier().safeParse(name))).toBe(message);
});

test('a name is a string', () => {
  for (const input of [1, null, ['a'], undefined]) expect(identifier().safeParse(input).success).toBe(false);
});

test.each([
  [0, 0],
  [1, 1_000_000],
  ['1', 1_000_000],
  [1.15, 1_150_000],
  ['1.15', 1_150_000],
  ['0.000001', 1],
  [0.000001, 1],
  [0.1 + 0.7, undefined],
  [999.999999, 999_999_999],
  ['1000', 1_000_000_000],
  ['1000.000000', 1_000_000_000],
  ['1000.000001', undefined],
  ['1.1234567', undefined],
  ['1e2', undefined],
  [1e-7, undefined],
  ['.5', undefined],
  ['5.', undefined],
  ['-1', undefined],
  [-1, undefined],
  ['1,5', undefined],
  [' 1', undefined],
  ['0x1', undefined],
  [Number.NaN, undefined],
  [true, undefined],
  [null, undefined],
])('the rate %j is %j millionths', (input, millionths) => {
  const result = decimalRate().safeParse(input);
  expect(result.data).toBe(millionths);
  if (millionths === undefined) expect(messageOf(result)).toMatch(/^must be a decimal from 0 to 1000/);
});

test('a rate is required where it is', () => {
  expect(messageOf(decimalRate().safeParse(undefined))).toBe('is required');
});

test.each([
  [0, '0'],
  [1, '0.000001'],
  [1_000_000, '1'],
  [1_150_000, '1.15'],
  [999_999_999, '999.999999'],
])('%j millionths are written %s, and read back', (millionths, text) => {
  expect(rateText(millionths)).toBe(text);
  expect(decimalRate().parse(text)).toBe(millionths);
});

test('a flag is a boolean or its word', () => {
  expect(['true', true, 'false', false].map((input) => flag().parse(input))).toEqual([true, true, false, false]);
  expect([1, 'yes', null, ''].map((input) => flag().safeParse(input).success)).toEqual([false, false, false, false]);
  expect(messageOf(flag().safeParse(undefined))).toBe('is required');
  expect(flag().optional().parse(undefined)).toBeUndefined();
  expect(isoTime().parse('2026-01-31T12:00:00.000Z')).toBe('2026-01-31T12:00:00.000Z');
});

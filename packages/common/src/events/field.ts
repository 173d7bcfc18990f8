import { z } from 'zod';

/** The largest whole number that a double holds exactly: every amount, balance and time stays at or below it. */
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER;

/** What a field of an event may hold. zod and Lua validate from this one declaration. */
export type FieldKind =
  | { kind: 'integer'; min: number; max: number }
  | { kind: 'text'; max: number }
  | { kind: 'word'; values: readonly string[] };

export const integer = (min: number, max: number = MAX_INTEGER) => ({ kind: 'integer', min, max }) as const;
export const text = (max: number) => ({ kind: 'text', max }) as const;
export const word = (...values: string[]) => ({ kind: 'word', values }) as const;

export type Fields = Readonly<Record<string, FieldKind>>;

/** A whole number in decimal digits without a sign or a leading zero, as every event carries it. */
const DIGITS = /^(0|[1-9][0-9]{0,15})$/;

/** The zod schema of one field as a stream entry carries it: a string in, a number or string out. */
export function fieldSchema(field: FieldKind): z.ZodType<number | string> {
  switch (field.kind) {
    case 'integer':
      return z
        .string()
        .regex(DIGITS, 'must be a whole number in digits')
        .transform(Number)
        .refine((value) => value >= field.min && value <= field.max, `must be from ${field.min} to ${field.max}`);
    case 'text':
      return z
        .string()
        .min(1, 'must not be empty')
        .refine((value) => Buffer.byteLength(value) <= field.max, `must be at most ${field.max} bytes`);
    case 'word':
      return z.string().refine((value) => field.values.includes(value), `must be one of ${field.values.join(', ')}`);
  }
}

/**
 * The same declaration as Lua: a function of an event that names the first field it refuses, or nil. Written out as code,
 * not as data to walk: a script is run from its first line at every call, and a table of tables was half of a short one.
 * Nothing in it comes from outside this repository, so quoting is enough of an escape.
 */
export function luaRefusal(name: string, required: Fields, optional: Fields): string {
  const checks = [
    ...Object.entries(required).map(([field, kind]) => `  if not ${luaCheck(field, kind)} then return '${field}' end`),
    ...Object.entries(optional).map(
      ([field, kind]) => `  if event.${field} and not ${luaCheck(field, kind)} then return '${field}' end`,
    ),
  ];
  return [`function ${name}(event)`, ...checks, '  return nil', 'end'].join('\n');
}

function luaCheck(name: string, field: FieldKind): string {
  switch (field.kind) {
    case 'integer':
      return `isInteger(event.${name}, ${field.min}, ${field.max})`;
    case 'text':
      return `isText(event.${name}, ${field.max})`;
    case 'word':
      return `(${field.values.map((value) => `event.${name} == '${value}'`).join(' or ')})`;
  }
}

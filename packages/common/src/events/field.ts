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
 * The same declaration as a Lua table, for `fields.lua`: `{ orderId = { 'integer', 1, 9007199254740991 }, ... }`.
 * Nothing in it comes from outside this repository, so quoting is enough of an escape.
 */
export function luaFields(fields: Fields): string {
  const entries = Object.entries(fields).map(([name, field]) => `${name} = ${luaField(field)}`);
  return `{ ${entries.join(', ')} }`;
}

function luaField(field: FieldKind): string {
  switch (field.kind) {
    case 'integer':
      return `{ 'integer', ${field.min}, ${field.max} }`;
    case 'text':
      return `{ 'text', ${field.max} }`;
    case 'word':
      return `{ 'word', { ${field.values.map((value) => `['${value}'] = true`).join(', ')} } }`;
  }
}

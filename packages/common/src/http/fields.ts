import { z } from '@hono/zod-openapi';

const maxInteger = Number.MAX_SAFE_INTEGER;
const digits = /^\d{1,16}$/;

/** Rates are kept in millionths, so that a price is computed in integers alone. */
const millionthsPerUnit = 1_000_000;
const maxRate = 1000;
const decimal = /^(\d{1,4})(?:\.(\d{1,6}))?$/;

const maxIdentifierChars = 128;
const maxIdentifierBytes = 512;

/**
 * A whole number from `min` (default 1) to `max` (default 2^53 - 1), as a JSON number or a string of digits, because
 * HTTPie's `a=1` sends a string. Anything else ('1e3', '0x10', ' 1', 1.5, -1) is refused; out comes a number.
 */
export function positiveInteger({ min = 1, max = maxInteger }: { min?: number; max?: number } = {}) {
  const expected = `must be a whole number from ${min} to ${max}`;
  return z
    .unknown()
    .transform((input, ctx): number => {
      const value = typeof input === 'string' && digits.test(input) ? Number(input) : input;
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
      ctx.addIssue({ code: 'custom', message: input === undefined ? 'is required' : expected });
      return z.NEVER;
    })
    .openapi({ type: ['integer', 'string'], minimum: min, maximum: max, pattern: '^[0-9]{1,16}$', example: min });
}

/**
 * The name of a holder, user or currency: 1-128 characters, no control characters, at most 512 bytes in UTF-8, and neither
 * `.` nor `..`: a path with these is another path, so that nobody could ask for it.
 */
export function identifier(example = 'jjy') {
  return z
    .string()
    .superRefine((text, ctx) => {
      const message = identifierFault(text);
      if (message) ctx.addIssue({ code: 'custom', message });
    })
    .openapi({ minLength: 1, maxLength: maxIdentifierChars, example });
}

function identifierFault(text: string): string | undefined {
  if (text.length === 0) return 'must not be empty';
  if (text === '.' || text === '..') return 'must not be . or ..';
  if (text.length > maxIdentifierChars && [...text].length > maxIdentifierChars) {
    return `must be at most ${maxIdentifierChars} characters`;
  }
  if (/\p{Cc}/u.test(text)) return 'must not contain control characters';
  // Half a surrogate pair has no UTF-8: two different texts would become one key.
  if (!text.isWellFormed()) return 'must be well-formed Unicode';
  if (Buffer.byteLength(text) > maxIdentifierBytes) return `must be at most ${maxIdentifierBytes} bytes in UTF-8`;
  return undefined;
}

/**
 * An exchange rate: a decimal from 0 to 1000 with at most 6 digits after the point, as a number or a string. Out come
 * its exact integer millionths, read from the text: '1.15' is 1150000.
 */
export function decimalRate() {
  const expected = `must be a decimal from 0 to ${maxRate} with at most 6 digits after the point`;
  return z
    .unknown()
    .transform((input, ctx): number => {
      // The shortest text of a double is the decimal that was sent: at most 10 digits are allowed, 15 are kept.
      const parts = typeof input === 'string' || typeof input === 'number' ? decimal.exec(`${input}`) : null;
      const millionths = parts ? Number(parts[1]) * millionthsPerUnit + Number((parts[2] ?? '').padEnd(6, '0')) : -1;
      if (millionths >= 0 && millionths <= maxRate * millionthsPerUnit) return millionths;
      ctx.addIssue({ code: 'custom', message: input === undefined ? 'is required' : expected });
      return z.NEVER;
    })
    .openapi({ type: ['number', 'string'], minimum: 0, maximum: maxRate, example: 1.15 });
}

/** Integer millionths as the decimal that a person wrote: 1150000 is '1.15', 1000000 is '1'. */
export function rateText(millionths: number): string {
  const fraction = `${millionths % millionthsPerUnit}`.padStart(6, '0').replace(/0+$/, '');
  return `${Math.floor(millionths / millionthsPerUnit)}${fraction && `.${fraction}`}`;
}

/** A yes or no: a JSON boolean, or the words that HTTPie's `a=true` sends. */
export function flag() {
  return z
    .unknown()
    .transform((input, ctx): boolean => {
      if (input === true || input === 'true') return true;
      if (input === false || input === 'false') return false;
      ctx.addIssue({ code: 'custom', message: input === undefined ? 'is required' : 'must be true or false' });
      return z.NEVER;
    })
    .openapi({ type: ['boolean', 'string'], enum: [true, false, 'true', 'false'] });
}

/** The path parameters of what is kept by order. */
export const orderIdParam = z.object({ orderId: positiveInteger() });

/** A time in answers: ISO 8601 in UTC. */
export function isoTime() {
  return z.string().openapi({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' });
}

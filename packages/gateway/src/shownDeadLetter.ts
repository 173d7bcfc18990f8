import { z } from '@hono/zod-openapi';
import type { DeadLetter, DeadLetterAction } from 'common/deadLetters/deadLetters';
import { isoTime } from 'common/http/fields';
import { shownEvent } from 'common/http/shownEvent';

export const deadLetterSchema = z
  .object({
    id: z.string(),
    partition: z.number(),
    reason: z.string().openapi({ example: 'FAILED' }),
    cause: z.string(),
    group: z.string().openapi({ example: 'exchange' }),
    attempts: z.number(),
    at: isoTime(),
    originalId: z.string(),
    event: z.object({ id: z.string() }).loose().nullable(),
  })
  .openapi('DeadLetter');

/** A dead letter as clients see it; `event` is null where its entry had been trimmed away. */
export function shownDeadLetter({ fields, at, ...letter }: DeadLetter): z.output<typeof deadLetterSchema> {
  const isEmpty = Object.keys(fields).length === 0;
  return {
    ...letter,
    at: new Date(at).toISOString(),
    event: isEmpty ? null : shownEvent({ id: letter.originalId, fields }),
  };
}

export const actionSchema = z
  .object({
    id: z.string(),
    partition: z.number(),
    at: isoTime(),
    action: z.string().openapi({ example: 'REDRIVEN' }),
    letter: z.string(),
    reason: z.string(),
    originalId: z.string(),
    entry: z.string().optional().openapi({ description: 'The entry of the log that it is now' }),
    lost: z.record(z.string(), z.string()).optional().openapi({ description: 'All that was given up' }),
  })
  .openapi('DeadLetterAction');

/** What was done with a dead letter, as clients see it. */
export function shownAction({ id, partition, fields }: DeadLetterAction): z.output<typeof actionSchema> {
  const { action = '', letter = '', why = '', original, entry, ...lost } = fields;
  const at = new Date(Number(id.split('-')[0])).toISOString();
  const shown = { id, partition, at, action, letter, reason: why, originalId: original ?? lost['dead.id'] ?? '' };
  return entry === undefined ? { ...shown, lost } : { ...shown, entry };
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { declaredFields } from 'common/actor/declaredFields';
import { CATALOG, COMMON_FIELDS, EVENT_TYPES, type EventType, OPTIONAL_FIELDS } from 'common/events/catalog';
import type { FieldKind, Fields } from 'common/events/field';
import { eventSchema } from 'common/events/sagaEvent';
import { Connections } from 'common/redis/connections';
import fc from 'fast-check';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRedis } from '../../../../../tests/kit/redis.ts';
import { assemble } from '../assemble.ts';

// Goal: Lua and zod refuse the same entries for the same fields. Method: entries made from the declaration, and the same
// with one field changed, left out or at its bounds; the shipped Lua on a real Redis.
const folder = mkdtempSync(join(tmpdir(), 'saga-lua-'));
const entry = join(folder, 'entry.lua');
writeFileSync(
  entry,
  `-- @include integer
-- @include fields
local event = {}
for i = 1, #ARGV, 2 do event[ARGV[i]] = ARGV[i + 1] end
return REFUSALS[event.eventType](event) or ''`,
);
const source = assemble(entry, { declaredFields: declaredFields(EVENT_TYPES) });

const server = await startTestRedis();
const connections = new Connections(server.url, 'fields', pino({ level: 'silent' }));
beforeAll(() => connections.connect());
afterAll(async () => {
  await connections.closeAll();
  await server.stop();
  rmSync(folder, { recursive: true });
});

type Entry = Record<string, string>;

const refusedByLua = async (event: Entry) =>
  String(await connections.commands.eval(source, 0, ...Object.entries(event).flat()));

function refusedByZod(event: Entry): string[] {
  const { error } = eventSchema.safeParse(event);
  return [...new Set(error?.issues.map(({ path }) => String(path[0])))].sort();
}

async function expectAgreement(event: Entry): Promise<void> {
  const lua = await refusedByLua(event);
  const zod = refusedByZod(event);
  expect(lua === '' ? zod : zod.includes(lua), `${JSON.stringify(event)}: Lua ${lua}, zod ${zod}`).toEqual(
    lua === '' ? [] : true,
  );
}

/** Of one to four bytes each, and those that a reader might stumble over. */
const CHARACTERS = fc.constantFrom(
  'a',
  'Z',
  '0',
  ' ',
  '"',
  '\\',
  '\0',
  '\n',
  '\u007f',
  'é',
  '\u0301',
  '日',
  '\ufeff',
  '😀',
);

const bytes = (max: number) => (text: string) => text.length > 0 && Buffer.byteLength(text) <= max;

function valid(field: FieldKind): fc.Arbitrary<string> {
  switch (field.kind) {
    case 'integer':
      return fc.integer({ min: field.min, max: field.max }).map(String);
    case 'text':
      return fc.string({ unit: CHARACTERS, minLength: 1, maxLength: 60 }).filter(bytes(field.max));
    case 'word':
      return fc.constantFrom(...field.values);
  }
}

/** The bounds of a field, on both sides. */
function bounds(field: FieldKind): string[] {
  switch (field.kind) {
    case 'integer':
      return [field.min - 1, field.min, field.max, field.max + 1].map(String);
    case 'text':
      return [0, 1, field.max, field.max + 1]
        .map((n) => 'x'.repeat(n))
        .concat('é'.repeat(field.max / 2), `${'é'.repeat(field.max / 2)}x`);
    case 'word':
      return [...field.values, ...field.values.map((word) => word.toLowerCase()), `${field.values[0]} `];
  }
}

const fieldsOf = (eventType: EventType): Fields => ({ ...COMMON_FIELDS, ...CATALOG[eventType] });

const events = fc.constantFrom(...EVENT_TYPES).chain((eventType) => {
  const made = Object.entries(fieldsOf(eventType)).map(([name, field]) => [name, valid(field)] as const);
  return fc.record({ eventType: fc.constant<string>(eventType), ...Object.fromEntries(made) }) as fc.Arbitrary<Entry>;
});

const NASTY = [
  '',
  ' ',
  '0',
  '1',
  '-1',
  '01',
  '1e3',
  '0x10',
  'inf',
  'nan',
  '1.0',
  ' 1',
  '1 ',
  '9007199254740992',
  'true',
  '\0',
  '{}',
];

test('an entry as it was declared is taken by both', { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(events, async (event) => {
      expect(await refusedByLua(event)).toBe('');
      expect(refusedByZod(event)).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('with fields changed, left out or made up, both agree', { timeout: 180_000 }, async () => {
  const change = fc.tuple(
    fc.nat(),
    fc.option(fc.oneof(fc.constantFrom(...NASTY), fc.string(), fc.maxSafeNat().map(String)), { nil: undefined }),
  );
  const names = Object.keys(OPTIONAL_FIELDS).concat('somethingElse');
  await fc.assert(
    fc.asyncProperty(events, fc.array(change, { minLength: 1, maxLength: 3 }), async (event, changes) => {
      const changed = { ...event };
      const all = Object.keys(event)
        .filter((name) => name !== 'eventType')
        .concat(names);
      for (const [at, value] of changes) {
        const name = String(all[at % all.length]);
        if (value === undefined) delete changed[name];
        else changed[name] = value;
      }
      await expectAgreement(changed);
    }),
    { numRuns: 1_000 },
  );
});

test('at the bounds of every field both agree', async () => {
  for (const eventType of EVENT_TYPES) {
    const [event] = fc.sample(
      events.filter((each) => each.eventType === eventType),
      1,
    );
    for (const [name, field] of Object.entries({ ...fieldsOf(eventType), ...OPTIONAL_FIELDS })) {
      for (const value of bounds(field)) await expectAgreement({ ...event, eventType, [name]: value });
    }
  }
});

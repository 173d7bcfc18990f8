import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { assemble } from './assemble.ts';

// Goal: what Redis gets is what the includes say. Method: small files in a folder of each test's own.
function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'saga-lua-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, `${name}.lua`), text);
  return path;
}

const file = (path: string, name = 'entry') => join(path, `${name}.lua`);

test('an include is replaced by its file, in place', () => {
  const path = folder({ entry: 'first()\n-- @include part\nlast()', part: 'middle()' });
  expect(assemble(file(path))).toBe('first()\nmiddle()\nlast()');
});

test('a part that two others include is there once, where it is included first', () => {
  const path = folder({
    entry: '-- @include a\n-- @include b',
    a: '-- @include shared\na()',
    b: '-- @include shared\nb()',
    shared: 'shared()',
  });
  expect(assemble(file(path))).toBe('shared()\na()\n-- shared is included above\nb()');
});

test('a circle is refused, and named', () => {
  const path = folder({ entry: '-- @include a', a: '-- @include b', b: '-- @include a' });
  expect(() => assemble(file(path))).toThrow('entry includes a includes b includes a, a circle');
  const self = folder({ entry: '-- @include entry' });
  expect(() => assemble(file(self))).toThrow('entry includes entry, a circle');
});

test('a part that is nowhere is refused, and it is said where it was looked for', () => {
  const path = folder({ entry: '-- @include nowhere' });
  const other = folder({});
  expect(() => assemble(file(path), {}, [other])).toThrow(
    /includes nowhere, which is neither generated nor a file in /,
  );
  expect(() => assemble(file(path), {}, [other])).toThrow(other);
});

test('a generated part comes before a file, the own folder before others, and all before the shared one', () => {
  const path = folder({ entry: '-- @include part\n-- @include clock', part: 'own()' });
  const other = folder({ part: 'other()', clock: 'theirs()' });
  expect(assemble(file(path), {}, [other])).toBe('own()\ntheirs()');
  expect(assemble(file(path), { part: 'made()' }, [other])).toBe('made()\ntheirs()');
  expect(assemble(file(path))).toContain("redis.call('TIME')");
});

test('an empty generated part is a part', () => {
  const path = folder({ entry: 'a()\n-- @include settings\nb()' });
  expect(assemble(file(path), { settings: '' })).toBe('a()\n\nb()');
});

test('only a line of its own is an include', () => {
  const text = 'x() -- @include nowhere\n  -- @include nowhere\n-- @include no where';
  expect(assemble(file(folder({ entry: text })))).toBe(text);
});

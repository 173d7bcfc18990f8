import { globSync } from 'node:fs';
import { join } from 'node:path';
import { backendNames } from 'common/config/readConfig';
import type { Script } from 'common/script/script';
import { expect, test } from 'vitest';

// Goal: a script that is added later has its rights checked too. Method: every script that a service declares beside its
// Lua files is looked for among those whose rights it asks for at its start.
const ROOT = join(import.meta.dirname, '../packages');
const isScript = (value: unknown): value is Script => typeof value === 'object' && value !== null && 'replies' in value;

test.each(backendNames)('%s asks for the rights of every script that it declares', async (name) => {
  const rights: Record<string, { scripts: readonly Script[] }> = await import(join(ROOT, name, 'src/rights.ts'));
  const asked = rights[`${name}Rights`]?.scripts.map((script) => script.name);
  const files = globSync('scripts/*.ts', { cwd: join(ROOT, name, 'src'), exclude: ['**/*.test.ts'] });
  const modules = await Promise.all(files.map((file) => import(join(ROOT, name, 'src', file))));
  const declared = modules.flatMap((module) => Object.values(module)).filter(isScript);
  expect(declared.length).toBeGreaterThan(0);
  expect(asked?.toSorted()).toEqual(declared.map((script) => script.name).toSorted());
});

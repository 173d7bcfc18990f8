import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

export const root = join(import.meta.dirname, '../..');

/** One service of compose.yaml, as far as the tests look at it. */
const service = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.coerce.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).default([]),
  restart: z.string().optional(),
  user: z.string().optional(),
  init: z.boolean().default(false),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
});

const file = z.object({
  name: z.string(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.unknown()),
});

/** compose.yaml as Compose reads it where no variable is set: each one is its default. */
export function readComposeFile(): z.infer<typeof file> {
  return file.parse(parse(composeText(), (_, value: unknown) => withDefaults(value), { merge: true }));
}

function withDefaults(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1') : value;
}

/** The names of the variables that a user can set for compose.yaml. */
export function composeVariables(): string[] {
  return [...new Set([...composeText().matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name))];
}

function composeText(): string {
  // A comment may say ${...}, too.
  return readFileSync(join(root, 'compose.yaml'), 'utf8').replaceAll(/^\s*#.*$/gm, '');
}

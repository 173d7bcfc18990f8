import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Who may import what. Biome enforces it (`noRestrictedImports`); the rules it reads, `biome.imports.json`, are rendered
 * from these tables by `node tools/importRules.ts`, and `npm run check` fails where they are not current.
 */
type Room = {
  /** A folder of packages/common/src. */
  name: string;
  /** The rooms above it in this list that it may import. Its own files it always may. */
  rooms: readonly string[];
  /** Packages, and `node:` where it may use what Node brings. */
  packages: readonly string[];
};

/** The rooms of common, lowest first: a room imports only rooms above it here, so that there is no circle. */
export const ROOMS: readonly Room[] = [
  { name: 'config', rooms: [], packages: ['zod', 'node:'] },
  { name: 'telemetry', rooms: [], packages: ['pino', 'prom-client', 'node:'] },
  { name: 'partition', rooms: [], packages: ['cluster-key-slot'] },
  { name: 'events', rooms: [], packages: ['zod'] },
  { name: 'transitions', rooms: ['events'], packages: [] },
  { name: 'redis', rooms: ['config', 'telemetry', 'partition'], packages: ['ioredis', 'pino', 'node:'] },
  { name: 'script', rooms: ['partition', 'redis'], packages: ['ioredis', 'node:'] },
  // Reading the log needs a connection; what an event is does not.
  { name: 'log', rooms: ['events', 'partition', 'redis'], packages: ['ioredis', 'node:'] },
  { name: 'deadLetters', rooms: ['events', 'partition', 'redis', 'script', 'log'], packages: ['ioredis', 'node:'] },
  {
    name: 'http',
    rooms: ['config', 'telemetry', 'events'],
    packages: [
      '@hono/node-server',
      '@hono/zod-openapi',
      '@scalar/hono-api-reference',
      'hono',
      'pino',
      'prom-client',
      'node:',
    ],
  },
  {
    name: 'actor',
    rooms: ['config', 'telemetry', 'partition', 'events', 'transitions', 'redis', 'script'],
    packages: ['ioredis', 'pino', 'prom-client', 'node:'],
  },
  {
    name: 'process',
    rooms: [
      ...['config', 'telemetry', 'partition', 'events', 'transitions', 'redis', 'script', 'log', 'deadLetters'],
      ...['http', 'actor'],
    ],
    packages: ['@hono/node-server', '@hono/zod-openapi', 'ioredis', 'pino', 'prom-client', 'node:'],
  },
];

/** Services talk through events; each imports common and itself. */
const SERVICES = ['order', 'exchange', 'point', 'deadline', 'gateway'] as const;

const PACKAGES = [...SERVICES, 'launcher'];
const TABLE = 'the table is tools/importRules.ts';
/** Only a test may use what is made for tests. */
const FOR_TESTS = ['vitest', 'fast-check', '**/tests/**', '**/*.test.ts'];

type Override = { includes: string[]; group: string[]; message: string };

/** A pattern for every way to name a package of the workspace: by name, and by path. */
const anyOf = (names: readonly string[]) => names.flatMap((name) => [name, `${name}/**`, `**/${name}/src/**`]);

/** All overrides, in the order that counts: of those that match a file, Biome takes the last. */
function overrides(): Override[] {
  const common = {
    includes: ['packages/common/**/*.ts'],
    group: ['**'],
    message: `This is no room of common that is known: give it a row (${TABLE}).`,
  };
  const rooms = ROOMS.map(roomOverride);
  const commonTests = {
    includes: ['packages/common/**/*.test.ts'],
    group: anyOf(PACKAGES),
    message: `Common knows no service, nor do its tests (${TABLE}).`,
  };
  const packages = PACKAGES.flatMap(packageOverrides);
  return [common, ...rooms, commonTests, ...packages];
}

/** What is not on the room's list is refused, relative paths out of the room included: rooms are named `common/room/...`. */
function roomOverride({ name, rooms, packages }: Room): Override {
  const allowedRooms = rooms.map((room) => `!common/${room}/**`);
  const allowedPackages = packages.flatMap((each) =>
    each === 'node:' ? ['!node:*', '!node:*/**'] : [`!${each}`, `!${each}/**`],
  );
  const may = ['its own files', ...rooms.map((room) => `common/${room}`), ...packages].join(', ');
  return {
    includes: [`packages/common/src/${name}/**/*.ts`],
    group: [
      '**',
      '!./**',
      '!../*.ts',
      `!common/${name}/**`,
      ...allowedRooms,
      ...allowedPackages,
      './../**',
      ...FOR_TESTS,
    ],
    message: `common/${name} may import ${may}; other rooms as common/room/file (${TABLE}).`,
  };
}

/** A service, or the launcher, imports none of the others; its tests may use the kit as well. */
function packageOverrides(name: string): Override[] {
  const others = anyOf(PACKAGES.filter((other) => other !== name));
  const message = `${name} may import common and itself: services talk through events only (${TABLE}).`;
  const sources = {
    includes: [`packages/${name}/**/*.ts`],
    group: [...others, ...FOR_TESTS, '**/common/src/**'],
    message,
  };
  return [sources, { ...sources, includes: [`packages/${name}/**/*.test.ts`], group: others }];
}

/** The text of `biome.imports.json`. */
export function renderImportRules(): string {
  const rule = ({ group, message }: Override) => ({ level: 'error', options: { patterns: [{ group, message }] } });
  const rendered = overrides().map((override) => ({
    includes: override.includes,
    linter: { rules: { style: { noRestrictedImports: rule(override) } } },
  }));
  return `${JSON.stringify({ overrides: rendered }, null, 1)}\n`;
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, '../biome.imports.json'), renderImportRules());

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { backendNames, readConfig, type ServiceConfig, type ServiceName } from 'common/config/readConfig';
import { redisImage } from 'launcher/redis/fromDocker';
import { describe, expect, test } from 'vitest';
import { composeVariables, readComposeFile, root } from './composeFile.ts';

// Goal: compose.yaml and the Dockerfile say what the code means. Method: parsed, and held against the packages, the
// launcher, the documentation and readConfig itself. What they do when run is composeUp.redis.test.ts's.
const compose = readComposeFile();
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
const serviceNames = ['gateway', ...backendNames] as const satisfies readonly ServiceName[];
const every = Object.entries(compose.services);
const ours = every.filter(([, service]) => service.command[0]?.startsWith('packages/'));

const serviceOf = (name: string) => {
  const service = compose.services[name];
  if (service === undefined) throw new Error(`compose.yaml has no service ${name}`);
  return service;
};

/** What the image sets before compose.yaml does. */
const imageEnvironment = Object.fromEntries(
  [...dockerfile.matchAll(/^ENV (.*)$/gm)].flatMap(([, line = '']) => line.split(' ').map((pair) => pair.split('='))),
);

/** The configuration that a container comes to, and every variable that was looked for on the way. */
function configured(name: ServiceName): { config: ServiceConfig; known: Set<string> } {
  const known = new Set<string>();
  const env = new Proxy<NodeJS.ProcessEnv>(
    { ...imageEnvironment, ...serviceOf(name).environment },
    {
      get(target, variable) {
        known.add(String(variable));
        return target[String(variable)];
      },
    },
  );
  return { config: readConfig(name, env), known };
}

test('every package that runs as a service has one, and no service runs anything else', () => {
  const programs = readdirSync(join(root, 'packages'))
    .filter((name) => name !== 'launcher' && existsSync(join(root, 'packages', name, 'src/main.ts')))
    .map((name) => [name, [`packages/${name}/src/main.ts`]]);
  expect(ours.map(([name, { command }]) => [name, command]).sort()).toEqual(programs.sort());
});

test('the services share one image, which one of them builds', () => {
  expect(new Set(ours.map(([, { image }]) => image)).size).toBe(1);
  expect(every.filter(([, { build }]) => build !== undefined).map(([name]) => name)).toEqual(['gateway']);
});

describe.each(serviceNames)('%s', (name) => {
  test('sets only variables that the configuration knows', () => {
    const { known } = configured(name);
    expect(Object.keys(serviceOf(name).environment).filter((variable) => !known.has(variable))).toEqual([]);
  });

  test('listens for other containers, on the port that is published under the same number', () => {
    const { config } = configured(name);
    expect(config.host).toBe('0.0.0.0');
    expect(config.port).toBe(readConfig(name, {}).port);
    expect(serviceOf(name).ports).toEqual([`127.0.0.1:${config.port}:${config.port}`]);
  });

  test('differs from a service outside of a container in its addresses only', () => {
    const { config } = configured(name);
    const { host, redisUrl, upstreams } = readConfig(name, {});
    expect({ ...config, host, redisUrl, upstreams }).toEqual(readConfig(name, {}));
    expect(config.redisUrl).toBe('redis://redis:6379');
  });

  test('runs with as few rights as it needs', () => {
    expect(serviceOf(name)).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      init: true,
    });
  });
});

test('the gateway finds every service by its name in the network', () => {
  const { upstreams } = configured('gateway').config;
  for (const name of backendNames) expect(upstreams[name]).toBe(`http://${name}:${configured(name).config.port}`);
  expect(serviceOf('gateway').depends_on).toEqual([...backendNames]);
});

test.each(every)(
  '%s comes back after a crash, is published on loopback only, and its image is pinned',
  (_, service) => {
    expect(service.restart).toBe('unless-stopped');
    expect(service.ports).not.toEqual([]);
    for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    expect(service.image).toMatch(/^[\w./-]+:(?!latest$)[\w.-]+$/);
  },
);

test('the image runs as a user without rights, is watched by /healthz and stopped by SIGTERM', () => {
  expect(dockerfile.match(/^USER .*$/gm)).toEqual(['USER node']);
  expect(dockerfile).toMatch(/^HEALTHCHECK .*\\\n.*\/healthz/m);
  expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m);
});

test('the image has the Node that the checkout runs on', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const major = String(manifest.devDependencies.node).split('.')[0];
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  expect(new Set(bases)).toEqual(new Set([`node:${major}-bookworm-slim`]));
});

test('Redis is the one that the launcher runs, keeps what it holds on a volume, and never evicts', () => {
  const redis = serviceOf('redis');
  const options = redis.command.join(' ');
  expect(redis.image).toBe(redisImage);
  expect(redis.user).toBe('redis');
  for (const option of ['--appendonly yes', '--appendfsync everysec', '--hz 100', '--maxmemory-policy noeviction']) {
    expect(options).toContain(option);
  }
  expect(redis.volumes).toEqual(['redis-data:/data']);
  expect(redis.healthcheck?.test).toEqual(['CMD', 'redis-cli', '-e', 'ping']);
  expect(Object.keys(compose.volumes)).toContain('redis-data');
});

test('RedisInsight is connected to that Redis, and accepts no terms for anybody', () => {
  expect(serviceOf('redisinsight').environment).toMatchObject({
    RI_REDIS_HOST: 'redis',
    RI_REDIS_PORT: '6379',
    RI_ACCEPT_TERMS_AND_CONDITIONS: 'false',
  });
});

test('every variable that compose.yaml takes is documented', () => {
  const documented = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  expect(composeVariables().filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
});

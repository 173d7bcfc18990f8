import { expect, test } from 'vitest';
import { fromDocker, mayHaveDocker } from './fromDocker.ts';

test('a Docker that is named but does not answer is passed over, with the reason', { timeout: 60_000 }, async () => {
  const found = await fromDocker({ env: { DOCKER_HOST: 'tcp://127.0.0.1:1' }, onProgress: () => {} });
  // Testcontainers looks for itself: where another Docker answers, it is found.
  expect('kind' in found ? found : { missing: found.missing.slice(0, 8) }).toEqual(
    'kind' in found ? { kind: 'docker', image: 'redis:8.0' } : { missing: 'Docker: ' },
  );
});

test('Docker is looked for only where something points to one', async () => {
  expect(mayHaveDocker({ DOCKER_HOST: 'tcp://127.0.0.1:1' }, () => false)).toBe(true);
  expect(mayHaveDocker({}, (path) => path === '/var/run/docker.sock')).toBe(true);
  expect(mayHaveDocker({ XDG_RUNTIME_DIR: '/run/user/9' }, (path) => path === '/run/user/9/docker.sock')).toBe(true);
  expect(mayHaveDocker({}, () => false)).toBe(process.platform === 'win32');
});

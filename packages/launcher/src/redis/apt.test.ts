import { expect, test } from 'vitest';
import { installed } from './apt.ts';

test('reads what would be installed, with upstream versions', () => {
  const simulation = [
    'NOTE: This is only a simulation!',
    'Inst libjemalloc2 (5.3.0-1 Debian:12.15/oldstable [amd64])',
    'Inst libssl3 [3.0.15-1] (3.0.17-1~deb12u2 Debian-Security:12/stable-security [amd64]) []',
    'Inst redis-server (5:7.0.15-1~deb12u7 Debian:12.15/oldstable [amd64])',
    'Conf redis-server (5:7.0.15-1~deb12u7 Debian:12.15/oldstable [amd64])',
  ].join('\n');
  expect([...installed(simulation)]).toEqual([
    ['libjemalloc2', '5.3.0-1'],
    ['libssl3', '3.0.17-1~deb12u2'],
    ['redis-server', '7.0.15-1~deb12u7'],
  ]);
});

import { readFile } from 'node:fs/promises';

/** The distribution's id and version (`debian`, `12`), from /etc/os-release; `linux`, `unknown` where it does not say. */
export async function readOsRelease(path = '/etc/os-release'): Promise<{ id: string; version: string }> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const field = (name: string) => new RegExp(`^${name}="?([\\w.-]+)"?$`, 'm').exec(text)?.[1];
  return { id: field('ID') ?? 'linux', version: field('VERSION_ID') ?? field('VERSION_CODENAME') ?? 'unknown' };
}

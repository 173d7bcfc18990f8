import { Refusal } from '../refusal.ts';
import type { Way } from './way.ts';

/** The Redis that REDIS_URL names. */
export const fromUrl: Way = async ({ env }) => {
  const url = env.REDIS_URL;
  if (url === undefined || url === '') return { missing: 'REDIS_URL is not set' };
  if (!isRedisUrl(url)) throw new Refusal(`REDIS_URL must look like redis://host:6379, got '${withoutPassword(url)}'`);
  return { kind: 'url', url };
};

/** The URL as it may be shown: its password replaced by `***`. */
export function withoutPassword(url: string): string {
  return url.replace(/(:\/\/[^:@/]*):[^@/]*@/, '$1:***@');
}

function isRedisUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '';
}

import type { ServiceName } from 'common/config/readConfig';
import type { Redis } from 'ioredis';

/** Makes the Redis user of a service with these rights and no others; the variables with which the service is that user. */
export async function withRights(
  redis: Redis,
  url: string,
  name: ServiceName,
  rules: readonly string[],
): Promise<NodeJS.ProcessEnv> {
  await redis.acl('SETUSER', name, 'reset', 'on', '>secret', ...rules);
  return { REDIS_URL: url.replace('redis://', `redis://${name}:secret@`) };
}

/** What was denied to whom; telling the client library's name, and which durability is in force, are no needs. */
export async function deniedObjects(redis: Redis): Promise<string[]> {
  const denied = (await redis.acl('LOG')) as unknown[][];
  const field = (entry: unknown[], name: string) => entry[entry.indexOf(name) + 1];
  const objects = denied.map((entry) => `${field(entry, 'username')}: ${field(entry, 'object')}`);
  return objects.filter((object) => !/client\|setinfo|config\|get/.test(object));
}

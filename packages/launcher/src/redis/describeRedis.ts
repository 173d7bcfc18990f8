import { withoutPassword } from './fromUrl.ts';
import type { RunningRedis } from './runningRedis.ts';
import type { RedisSource } from './way.ts';

/** Which Redis it is, on one line for people. */
export function describeRedis(source: RedisSource, { url, pid }: RunningRedis): string {
  switch (source.kind) {
    case 'url':
      return `Redis ${withoutPassword(url)} (REDIS_URL)`;
    case 'binary':
      return `Redis ${url} (${source.server} ${source.version}, process ${pid})`;
    case 'docker':
      return `Redis ${url} (Docker, ${source.image})`;
  }
}

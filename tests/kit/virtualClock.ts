import type { Redis } from 'ioredis';

/** Where a partition's virtual time stands, in ms since 1970. */
const clockKey = (tag: string) => `test:{${tag}}:clock`;

/**
 * The Lua part that takes the place of `clock.lua`: `new ScriptRunner({ clock: virtualClockLua })`. Time stands still
 * between two settings, and a script that runs before the first one fails. Reads a key that no script declares, of
 * the same slot as all the others.
 */
export const virtualClockLua = `
local now = tonumber(redis.call('GET', 'test:{' .. tag .. '}:clock') or error('the virtual clock was never set'))
`;

/** Sets the time that scripts with `virtualClockLua` see, forwards or back. */
export class VirtualClock {
  readonly key: string;
  readonly #redis: Redis;

  constructor(redis: Redis, tag: string) {
    this.#redis = redis;
    this.key = clockKey(tag);
  }

  /** @param ms since 1970 */
  async set(ms: number): Promise<void> {
    await this.#redis.set(this.key, ms);
  }
}

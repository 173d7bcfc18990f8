export type KeyType = 'string' | 'hash' | 'list' | 'zset' | 'stream';

/**
 * Every command that the saga uses, by the type of key that it is for, in the shortest form that is complete: Redis judges
 * a right by command and key. `$` is the key.
 */
const FORMS: Readonly<Record<KeyType | 'any' | 'none', Readonly<Record<string, string>>>> = {
  any: { DEL: '$', EXISTS: '$', TYPE: '$' },
  string: { GET: '$', SET: '$ v PX 1', SETNX: '$ v' },
  hash: { HGET: '$ f', HMGET: '$ f', HGETALL: '$', HSET: '$ f v' },
  list: { LLEN: '$', LRANGE: '$ 0 -1', RPUSH: '$ v', RPUSHX: '$ v', LTRIM: '$ 0 -1' },
  zset: {
    ZADD: '$ 1 m',
    ZREM: '$ m',
    ZCARD: '$',
    ZSCORE: '$ m',
    ZCOUNT: '$ 0 1',
    ZRANGE: '$ 0 -1',
    ZRANGEBYSCORE: '$ 0 1',
    ZREVRANGEBYSCORE: '$ 1 0',
    ZREMRANGEBYSCORE: '$ 0 1',
  },
  stream: {
    XADD: '$ * f v',
    XLEN: '$',
    XRANGE: '$ - +',
    XREVRANGE: '$ + -',
    XREAD: 'STREAMS $ 0',
    XREADGROUP: 'GROUP g c STREAMS $ >',
    XACK: '$ g 0-1',
    XDEL: '$ 0-1',
    XCLAIM: '$ g c 0 0-1',
    XPENDING: '$ g',
    XTRIM: '$ MINID 0',
    'XGROUP CREATE': '$ g 0',
    'XGROUP DELCONSUMER': '$ g c',
    'XINFO STREAM': '$',
    'XINFO GROUPS': '$',
    'XINFO CONSUMERS': '$ g',
  },
  none: {
    EVAL: 'x 0',
    EVALSHA: '0000000000000000000000000000000000000000 0',
    TIME: '',
    INFO: '',
    PING: '',
    'CLIENT SETNAME': 'n',
  },
};

const EVERY: Readonly<Record<string, string>> = Object.assign({}, ...Object.values(FORMS));

const CALLED = /redis\.call\('([A-Z]+)'(?:, '([A-Z]+)')?/g;
const QUOTED = /'([A-Z]+)'(?:, '([A-Z]+)')?/g;

/**
 * The commands that a Lua text names: those that it calls, and those that its plans hold for `apply` to call.
 *
 * @throws RangeError for a call of a command that has no form here
 */
export function commandsOf(source: string): Set<string> {
  for (const [, command = '', sub] of source.matchAll(CALLED)) {
    if (nameOf(command, sub) === undefined) throw new RangeError(`${command} is not in commandForms.ts`);
  }
  const names = [...source.matchAll(QUOTED)].map(([, word = '', sub]) => nameOf(word, sub));
  return new Set(names.filter((name) => name !== undefined));
}

function nameOf(command: string, sub: string | undefined): string | undefined {
  return [`${command} ${sub}`, command].find((name) => Object.hasOwn(EVERY, name));
}

/** Whether a command is one for keys of this type. */
export const isFor = (command: string, type: KeyType): boolean =>
  Object.hasOwn(FORMS[type], command) || Object.hasOwn(FORMS.any, command);

export const isKeyless = (command: string): boolean => Object.hasOwn(FORMS.none, command);

/** The command in its shortest complete form, `$` in the place of its key. */
export const formOf = (command: string): string => `${command} ${EVERY[command] ?? '$'}`.trimEnd();

import { GROUPS, logKey } from 'common/events/keys';
import { ratesKey } from 'exchange/keys';
import { placeOrder } from 'order/scripts/createOrder';
import { openAccountOnce } from 'point/scripts/openAccount';
import type { Scene } from './walk.ts';
import { DEADLINE_MS, partitionTag, START_MS, USER, type Worlds } from './world.ts';

/** What an order costs here: the account is opened with just as much, with less, or with nothing. */
const PRICE = 5;

type Setting = { orders: number; partitions: number; deposited: number; suspended?: boolean };

/** What clients and an operator would have done before the story begins. */
const placing =
  ({ orders, partitions, deposited, suspended }: Setting) =>
  async (worlds: Worlds, tag: string): Promise<void> => {
    for (let index = 0; index < partitions; index++) {
      const part = partitionTag(tag, index);
      await worlds.redis.set(`test:{${part}}:clock`, START_MS);
      for (const group of GROUPS) await worlds.redis.xgroup('CREATE', logKey(part), group, '0', 'MKSTREAM');
      if (suspended) await worlds.redis.hset(ratesKey(part), '1', '1000000:1');
      if (deposited > 0) await open(worlds, part, deposited);
      for (let i = 1; i <= orders; i++) await place(worlds, part, i);
    }
  };

async function open({ redis, runner }: Worlds, tag: string, point: number): Promise<void> {
  const request = { requestDigest: 'open', bodyDigest: 'a', requestMs: 1 };
  await openAccountOnce(runner, redis, { tag, userId: USER, point, ...request });
}

async function place({ redis, runner }: Worlds, tag: string, number: number): Promise<void> {
  const made = await placeOrder(runner, redis, {
    holderId: USER,
    currencyId: '1',
    amount: PRICE,
    partition: { index: 0, tag },
    partitions: 1,
    requestDigest: String(number),
    bodyDigest: 'a',
    admit: true,
    deadlineMs: DEADLINE_MS,
    requestMs: 1,
  });
  if (made.kind !== 'CREATED') throw new Error(`order ${number} was answered ${made.kind}`);
}

function scene(name: string, about: string, setting: Setting, budget: Scene['budget'], outcomes: string[]): Scene {
  const { orders, partitions, deposited } = setting;
  return { name, about, orders, partitions, deposited, budget, place: placing(setting), outcomes };
}

const none = { copies: 0, stepsBack: 0, deadLetters: 0, handBacks: 0, redrives: 0 };

/** What is explored, smallest first. */
export const SCENES: readonly Scene[] = [
  scene(
    'one',
    'an order is placed on an account that just covers it',
    { orders: 1, partitions: 1, deposited: PRICE },
    {
      copies: Number(process.env.C ?? 0),
      stepsBack: Number(process.env.B ?? 0),
      deadLetters: Number(process.env.D ?? 0),
      handBacks: Number(process.env.H ?? 0),
      redrives: Number(process.env.R ?? 0),
    },
    [],
  ),
  scene(
    'short',
    'an order is placed on an account that does not cover it',
    { orders: 1, partitions: 1, deposited: PRICE - 1 },
    {
      copies: Number(process.env.C ?? 0),
      stepsBack: Number(process.env.B ?? 0),
      deadLetters: Number(process.env.D ?? 0),
      handBacks: Number(process.env.H ?? 0),
      redrives: Number(process.env.R ?? 0),
    },
    [],
  ),
  scene(
    'suspended',
    'an order is placed in a suspended currency',
    { orders: 1, partitions: 1, deposited: PRICE, suspended: true },
    {
      copies: Number(process.env.C ?? 0),
      stepsBack: Number(process.env.B ?? 0),
      deadLetters: Number(process.env.D ?? 0),
      handBacks: Number(process.env.H ?? 0),
      redrives: Number(process.env.R ?? 0),
    },
    [],
  ),
  scene(
    'two',
    'two orders are placed on an account that covers one',
    { orders: 2, partitions: 1, deposited: PRICE },
    { ...none, handBacks: 1 },
    [],
  ),
  scene(
    'apart',
    'an order is placed in each of two partitions',
    { orders: 1, partitions: 2, deposited: PRICE },
    none,
    [],
  ),
];

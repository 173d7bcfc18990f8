import type { Dice } from '../dice.ts';
import type { Instance } from '../world/instance.ts';
import type { World } from '../world/world.ts';
import { type Begun, type Fault, RECONNECT_MS } from './fault.ts';

const pickInstance = ({ instances }: World, dice: Dice): Instance => dice.pick(instances);

const outageOf = ({ name }: Instance): Pick<Begun, 'outage'> => (name === 'order' ? { outage: 'order' } : {});

const killService: Fault = {
  name: 'SIGKILL of a service',
  lane: 'service',
  weight: 4,
  holdMs: [0, 3_000],
  returnMs: RECONNECT_MS,
  async begin(world, dice) {
    const instance = pickInstance(world, dice);
    await instance.kill();
    return {
      detail: instance.name,
      ...outageOf(instance),
      async undo() {
        instance.start();
        await instance.untilUp();
      },
    };
  },
};

/** Longer than a lease: its entries are claimed meanwhile, and it wakes up in the belief that they are its own. */
const freezeService: Fault = {
  name: 'SIGSTOP of a service',
  lane: 'service',
  weight: 4,
  holdMs: [3_000, 6_000],
  returnMs: RECONNECT_MS,
  async begin(world, dice) {
    const instance = pickInstance(world, dice);
    instance.freeze(true);
    return {
      detail: instance.name,
      ...outageOf(instance),
      async undo() {
        instance.freeze(false);
      },
    };
  },
};

/** Long enough for whatever the others have begun to be too late: it is given back, or made impossible. */
const missDeadline: Fault = {
  name: 'a service away past a deadline',
  lane: 'service',
  holdMs: [10_000, 12_000],
  returnMs: RECONNECT_MS,
  async begin({ instances }, dice) {
    const service = dice.pick(['order', 'exchange', 'point', 'deadline']);
    const all = instances.filter(({ name }) => name.startsWith(service));
    await Promise.all(all.map((instance) => instance.kill()));
    return {
      detail: service,
      ...(service === 'order' && { outage: 'order' }),
      async undo() {
        for (const instance of all) instance.start();
        await Promise.all(all.map((instance) => instance.untilUp()));
      },
    };
  },
};

export const serviceFaults: readonly Fault[] = [killService, freezeService, missDeadline];

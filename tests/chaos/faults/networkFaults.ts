import type { World } from '../world/world.ts';
import { type Fault, RECONNECT_MS, SILENCE_MS } from './fault.ts';

const delay: Fault = {
  name: 'slow network',
  lane: 'redis',
  holdMs: [1_000, 4_000],
  returnMs: RECONNECT_MS,
  async begin({ proxy }, dice) {
    const ms = dice.between(20, 400);
    proxy.delay(ms);
    return { detail: `${ms} ms each way`, outage: 'redis', undo: async () => proxy.delay(0) };
  },
};

const throttle: Fault = {
  name: 'narrow network',
  lane: 'redis',
  holdMs: [1_000, 3_000],
  returnMs: RECONNECT_MS,
  async begin({ proxy }, dice) {
    const bytesPerSecond = dice.between(20, 200) * 1_000;
    proxy.throttle(bytesPerSecond);
    return { detail: `${bytesPerSecond} bytes/s`, outage: 'redis', undo: async () => proxy.throttle(0) };
  },
};

const cut: Fault = {
  name: 'network cut',
  lane: 'redis',
  holdMs: [0, 3_000],
  returnMs: RECONNECT_MS,
  async begin({ proxy }) {
    proxy.cut(true);
    return { detail: 'connections reset and refused', outage: 'redis', undo: async () => proxy.cut(false) };
  },
};

const halfOpen = (name: string, forgotten: boolean): Fault => ({
  name,
  lane: 'redis',
  holdMs: [1_000, 4_000],
  returnMs: forgotten ? SILENCE_MS : RECONNECT_MS,
  async begin({ proxy }: World) {
    proxy.goSilent();
    const detail = forgotten ? 'old connections stay silent for ever' : 'connections end after it';
    return { detail, outage: 'redis', undo: async () => proxy.speakAgain(forgotten) };
  },
});

export const networkFaults: readonly Fault[] = [
  delay,
  throttle,
  cut,
  halfOpen('half-open network', false),
  halfOpen('half-open, never closed', true),
];

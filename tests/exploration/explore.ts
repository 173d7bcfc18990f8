import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { SCENES } from './scenes.ts';
import { type Walked, walk } from './walk.ts';
import { Worlds } from './world.ts';

const { values } = parseArgs({
  options: { scene: { type: 'string' }, redis: { type: 'string' }, states: { type: 'string' } },
});
const redis = new Redis(values.redis ?? 'redis://127.0.0.1:7990', { protocol: 2, enableAutoPipelining: true });
await redis.flushall();
for (const scene of SCENES.filter(({ name }) => !values.scene || name === values.scene)) {
  const worlds = new Worlds(redis, scene);
  let told = 0;
  const onProgress = ({ states, transitions, depth, seconds }: Walked, waiting: number) => {
    if (performance.now() - told < 2000) return;
    told = performance.now();
    console.log(
      `${scene.name}: ${states} states, ${transitions} transitions, depth ${depth}, ${waiting} waiting, ${seconds.toFixed(1)} s`,
    );
  };
  const walked = await walk(worlds, scene, { onProgress, ...(values.states && { statesMax: Number(values.states) }) });
  console.log(scene.name, walked);
}
redis.disconnect();

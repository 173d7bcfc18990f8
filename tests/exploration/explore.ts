import { parseArgs } from 'node:util';
import { MUTANTS } from './mutants/everyMutant.ts';
import { reportMutants } from './mutants/reportMutants.ts';
import { withOwnRedis } from './ownRedis.ts';
import { replay, reportScenes } from './reportScenes.ts';
import { type Extent, scenes } from './scenes.ts';

const HELP = `npm run explore -- [options]

Walks every order of events that a scene allows, on the shipped Lua scripts, in a Redis of its own.

  --scene NAME     only this scene: ${[...new Set(scenes('full').map(({ name }) => name))].join(', ')}
  --bounded        the part that belongs to npm test
  --replay 3,1,4   walks one path again and tells what there is after each step; with --scene or --mutant
  --mutants        plants every fault and removes every row of every table, and says what notices it
  --mutant NAME    only this fault: ${MUTANTS.map(({ name }) => name).join(', ')}
  --help           this text
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      scene: { type: 'string' },
      bounded: { type: 'boolean', default: false },
      replay: { type: 'string' },
      mutants: { type: 'boolean', default: false },
      mutant: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const extent: Extent = values.bounded ? 'bounded' : 'full';
  const chosen = scenes(extent).filter(({ name }) => values.scene === undefined || name === values.scene);
  const mutants = MUTANTS.filter(({ name }) => values.mutant === undefined || name === values.mutant);
  const path = values.replay === undefined ? undefined : pathOf(values.replay);
  const refusal = refusalOf(values, chosen.length, mutants.length, path);
  if (refusal) {
    process.stderr.write(`npm run explore: ${refusal}; see --help\n`);
    return 2;
  }
  const [mutant] = values.mutant === undefined ? [] : mutants;
  return withOwnRedis(async (redis) => {
    if (path) return replay(redis, { scene: chosen[0], mutant }, path);
    if (values.mutants || mutant) return reportMutants(redis, mutants, values.mutants);
    return reportScenes(redis, chosen, extent);
  });
}

function pathOf(text: string): number[] {
  const parts = text.split(',');
  return parts.map((part) => (part === '' ? Number.NaN : Number(part)));
}

function refusalOf(
  { scene, mutant, replay: asked }: { scene?: string; mutant?: string; replay?: string },
  scenesLeft: number,
  mutantsLeft: number,
  path: readonly number[] | undefined,
): string | undefined {
  if (scenesLeft === 0) return `there is no scene ${scene}`;
  if (mutantsLeft === 0) return `there is no mutant ${mutant}`;
  if (path?.some((step) => !Number.isInteger(step) || step < 0)) return `${asked} is no path`;
  if (path && (scene === undefined) === (mutant === undefined)) return '--replay needs a --scene or a --mutant';
  return undefined;
}

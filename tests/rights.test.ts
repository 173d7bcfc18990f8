import { globSync } from 'node:fs';
import { join } from 'node:path';
import { actorRights } from 'common/actor/actorRights';
import { actorScripts } from 'common/actor/actorScripts';
import { backendNames } from 'common/config/readConfig';
import type { Rights } from 'common/script/rights';
import type { Script } from 'common/script/script';
import { gatewayRights } from 'gateway/rights';
import { orderActor } from 'order/actor';
import { expect, test } from 'vitest';

// Goal: a script that is added later has its rights checked too. Method: every script that is declared beside its Lua files is
// looked for among those whose rights are asked for at the start.
const ROOT = join(import.meta.dirname, '../packages');
const isScript = (value: unknown): value is Script => typeof value === 'object' && value !== null && 'replies' in value;

async function declaredIn(folder: string): Promise<string[]> {
  const files = globSync('*.ts', { cwd: join(ROOT, folder), exclude: ['**/*.test.ts'] });
  const modules = await Promise.all(files.map((file) => import(join(ROOT, folder, file))));
  const declared = modules.flatMap((module) => Object.values(module)).filter(isScript);
  expect(declared.length).toBeGreaterThan(0);
  return declared.map(({ name }) => name).toSorted();
}

const asked = (rights: Pick<Rights, 'scripts'> | undefined) => rights?.scripts.map(({ name }) => name).toSorted();

test.each(backendNames)('%s asks for the rights of every script that it declares', async (name) => {
  const rights: Record<string, Pick<Rights, 'scripts'>> = await import(join(ROOT, name, 'src/rights.ts'));
  expect(asked(rights[`${name}Rights`])).toEqual(await declaredIn(`${name}/src/scripts`));
});

test('an actor asks for those of the runtime, and of both ways into its transitions', async () => {
  const { group, table, scriptsFolder, transitionFiles } = orderActor;
  const rights = actorRights(group, actorScripts(table, scriptsFolder, transitionFiles, {}));
  const declared = await declaredIn('common/src/actor/scripts');
  expect(asked(rights)).toEqual([...declared, 'drain', 'handle'].toSorted());
});

test('the gateway asks for those of dead letters', async () => {
  expect(asked(gatewayRights)).toEqual(await declaredIn('common/src/deadLetters/scripts'));
});

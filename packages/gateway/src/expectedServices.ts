import { readFile } from 'node:fs/promises';
import { type BackendName, backendNames, type ServiceConfig } from 'common/config/readConfig';

/**
 * The services that ought to be up: what the launcher's run.json lists now, where there is one; else the configured ones.
 * The launcher rewrites the file whenever someone stops or starts a service, so nothing is kept of it.
 */
export async function expectedServices({
  runFile,
  expectedServices: configured,
}: Pick<ServiceConfig, 'runFile' | 'expectedServices'>): Promise<readonly BackendName[]> {
  if (runFile === undefined) return configured;
  try {
    return listedIn(JSON.parse(await readFile(runFile, 'utf8')));
  } catch {
    // Not written yet, or never: what was configured stands.
    return configured;
  }
}

/** @throws TypeError where `run` is not what the launcher writes */
function listedIn(run: unknown): BackendName[] {
  const services: unknown = typeof run === 'object' && run !== null && 'services' in run ? run.services : undefined;
  if (!Array.isArray(services)) throw new TypeError('run.json has no list of services');
  const names = new Set(services.filter(isExpected).map((service: unknown) => nameOf(service)));
  return backendNames.filter((name) => names.has(name));
}

/** A service that somebody stopped on purpose is not missed. */
function isExpected(service: unknown): boolean {
  return !(typeof service === 'object' && service !== null && 'expected' in service && service.expected === false);
}

function nameOf(service: unknown): unknown {
  return typeof service === 'object' && service !== null && 'name' in service ? service.name : undefined;
}

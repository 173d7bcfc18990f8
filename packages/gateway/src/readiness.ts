import type { ServiceConfig } from 'common/config/readConfig';
import { expectedServices } from './expectedServices.ts';
import type { Upstream, Upstreams } from './upstream.ts';

const probeMs = 1500;

/** Which expected services are down or not ready, with their URLs and why; undefined when all are ready. */
export async function missingServices(config: ServiceConfig, upstreams: Upstreams): Promise<string | undefined> {
  const names = await expectedServices(config);
  const faults = await Promise.all(names.map((name) => faultOf(upstreams[name])));
  const found = faults.filter((fault) => fault !== undefined);
  return found.length === 0 ? undefined : `Down: ${found.join('; ')}`;
}

async function faultOf({ name, url, pool }: Upstream): Promise<string | undefined> {
  try {
    const { statusCode, body } = await pool.request({
      path: '/readyz',
      method: 'GET',
      signal: AbortSignal.timeout(probeMs),
    });
    const text = await body.text();
    return statusCode === 200 ? undefined : `${name} (${url}): ${detailOf(text)}`;
  } catch (error) {
    return `${name} (${url}): ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** A service says in a problem why it is not ready. */
function detailOf(text: string): string {
  try {
    const problem: unknown = JSON.parse(text);
    if (typeof problem === 'object' && problem !== null && 'detail' in problem) return String(problem.detail);
  } catch {
    // Something else listens there; its own words tell more than ours.
  }
  return text.slice(0, 200);
}

import { backendNames } from 'common/config/readConfig';
import type { Upstream, Upstreams } from './upstream.ts';

const fetchMs = 1500;

type Members = Readonly<Record<string, unknown>>;
/** What the joining reads of an OpenAPI document. */
type OpenApiDocument = { info: Members; paths: Members; components?: Readonly<Record<string, Members>> };

/**
 * The documentation of all services as one OpenAPI document. A service's part is kept while its connection lasts, and
 * asked for again after that; a service that does not answer is left out and named.
 */
export class JoinedDocument {
  readonly #upstreams: Upstreams;
  readonly #kept = new Map<Upstream, OpenApiDocument>();

  constructor(upstreams: Upstreams) {
    this.#upstreams = upstreams;
    for (const name of backendNames) {
      const upstream = upstreams[name];
      const forget = () => this.#kept.delete(upstream);
      upstream.pool.on('disconnect', forget);
      upstream.pool.on('connectionError', forget);
    }
  }

  /** Every service's paths and schemas, each path tagged with its service, and the gateway's own after them. */
  async join<Own extends object>(own: Own): Promise<object> {
    const upstreams = backendNames.map((name) => this.#upstreams[name]);
    const parts = await Promise.all(
      upstreams.map(async (upstream) => ({ upstream, part: await this.#partOf(upstream) })),
    );
    const missing = parts
      .filter(({ part }) => part === undefined)
      .map(({ upstream: { name, url } }) => `${name} (${url})`);
    const { info, paths, components = {} } = asDocument(own) ?? { info: {}, paths: {} };
    let joined: OpenApiDocument = { info, paths: {}, components };
    for (const { upstream, part } of parts) {
      if (part) joined = merged(joined, { ...part, paths: without(paths, part.paths) }, upstream.name);
    }
    joined = { ...joined, paths: { ...joined.paths, ...paths } };
    if (missing.length === 0) return { ...own, ...joined };
    const description = `${joined.info.description ?? ''} Left out, because down: ${missing.join(', ')}.`;
    return { ...own, ...joined, info: { ...joined.info, description } };
  }

  async #partOf(upstream: Upstream): Promise<OpenApiDocument | undefined> {
    const kept = this.#kept.get(upstream);
    if (kept) return kept;
    try {
      const { statusCode, body } = await upstream.pool.request({
        path: '/openapi.json',
        method: 'GET',
        signal: AbortSignal.timeout(fetchMs),
      });
      const part = asDocument(await body.json());
      if (statusCode !== 200 || !part) return undefined;
      this.#kept.set(upstream, part);
      return part;
    } catch {
      return undefined;
    }
  }
}

function asDocument(value: unknown): OpenApiDocument | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return 'info' in value && 'paths' in value ? (value as OpenApiDocument) : undefined;
}

/** Those of a service that are not the gateway's own here: each has probes. */
function without(own: Members, paths: Members): Members {
  return Object.fromEntries(Object.entries(paths).filter(([path]) => !(path in own)));
}

/** `joined` with the paths and components of `part`; a name that both use for different things gets the service's name. */
function merged(joined: OpenApiDocument, part: OpenApiDocument, service: string): OpenApiDocument {
  let text = JSON.stringify({ paths: tagged(part.paths, service), components: part.components ?? {} });
  const names = new Map<string, string>();
  for (const [kind, members] of Object.entries(part.components ?? {})) {
    for (const [name, member] of Object.entries(members)) {
      const taken = joined.components?.[kind]?.[name];
      if (taken === undefined || JSON.stringify(taken) === JSON.stringify(member)) continue;
      names.set(`${kind}/${name}`, `${service}.${name}`);
      text = text.replaceAll(`"#/components/${kind}/${name}"`, `"#/components/${kind}/${service}.${name}"`);
    }
  }
  const { paths, components }: Required<Omit<OpenApiDocument, 'info'>> = JSON.parse(text);
  const union: Record<string, Members> = { ...joined.components };
  for (const [kind, members] of Object.entries(components)) {
    const named = Object.entries(members).map(([name, member]) => [names.get(`${kind}/${name}`) ?? name, member]);
    union[kind] = { ...union[kind], ...Object.fromEntries(named) };
  }
  return { ...joined, paths: { ...joined.paths, ...paths }, components: union };
}

const hangs = {
  description: 'The service gave no answer in time',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/** Every operation tagged with its service, so that the page shows them by service, and with what the gateway answers for it. */
function tagged(paths: Members, service: string): Members {
  const tag = (operation: unknown) =>
    typeof operation === 'object' && operation !== null && 'responses' in operation
      ? { tags: [service], ...operation, responses: { ...(operation.responses ?? {}), 504: hangs } }
      : operation;
  const operations = (path: unknown) =>
    Object.fromEntries(Object.entries(path ?? {}).map(([method, operation]) => [method, tag(operation)]));
  return Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, operations(item)]));
}

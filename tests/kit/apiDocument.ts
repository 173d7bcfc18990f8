import { Ajv2020 } from 'ajv/dist/2020.js';

type Media = { schema?: object };
type Operation = { operationId: string; responses: Record<string, { content?: Record<string, Media> }> };
export type OpenApi = { paths: Record<string, Record<string, Operation>> };

export type AnswerSeen = { method: string; path: string; status: number; contentType: string | null; body: unknown };

/** Times are ISO 8601 in UTC, whatever else RFC 3339 allows. */
const utcTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** An OpenAPI document that answers are held against, and which of its answers were seen. */
export class ApiDocument {
  readonly #document: OpenApi;
  readonly #seen = new Set<string>();
  readonly #schemas = new Ajv2020({ strict: false, formats: { 'date-time': utcTime }, allErrors: true });

  constructor(document: OpenApi) {
    this.#document = document;
    this.#schemas.addSchema(document, 'document');
  }

  /** What of an answer the document does not say; nothing where it is as declared. */
  faultsOf({ method, path, status, contentType, body }: AnswerSeen): string[] {
    const template = this.#templateOf(path);
    if (template === undefined) return [`${path} is not declared`];
    const verb = method.toLowerCase();
    const content = this.#document.paths[template]?.[verb]?.responses[status]?.content;
    const answer = `${verb} ${template} ${status}`;
    if (!content) return [`${answer} is not declared`];
    const mediaType = contentType?.split(';')[0] ?? '';
    const media = content[mediaType];
    if (!media) return [`${answer} is not declared as ${mediaType}`];
    this.#seen.add(`${answer} ${mediaType}`);
    if (!mediaType.endsWith('json')) return [];
    const pointer = ['paths', template, verb, 'responses', `${status}`, 'content', mediaType, 'schema'].map(escaped);
    const matches = this.#schemas.compile({ $ref: `document#/${pointer.join('/')}` });
    return matches(body) ? [] : [`${answer}: ${this.#schemas.errorsText(matches.errors)}`];
  }

  /** Every declared answer of the wanted statuses that was not seen: declared in vain, or not asked for. */
  unseen(isWanted: (status: number) => boolean): string[] {
    const declared = Object.entries(this.#document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([verb, { responses }]) =>
        Object.entries(responses).flatMap(([status, { content = {} }]) =>
          isWanted(Number(status)) ? Object.keys(content).map((type) => `${verb} ${path} ${status} ${type}`) : [],
        ),
      ),
    );
    return declared.filter((answer) => !this.#seen.has(answer));
  }

  /** Of several templates the one with the fewest variables, as `/dead-letters/actions` before `/dead-letters/{id}`. */
  #templateOf(path: string): string | undefined {
    const asked = (path.split('?')[0] ?? '').split('/');
    const fits = Object.keys(this.#document.paths).filter((template) => {
      const parts = template.split('/');
      return parts.length === asked.length && parts.every((part, i) => part.startsWith('{') || part === asked[i]);
    });
    return fits.sort((a, b) => variables(a) - variables(b))[0];
  }
}

const variables = (template: string) => template.split('{').length;
const escaped = (part: string) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));

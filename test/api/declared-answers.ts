import { expect } from 'vitest';
import { z } from 'zod';
import type { Api } from '../../api/context.ts';
import { problemSchema } from '../../api/problem.ts';

/** What of the generated document the tests read. */
export interface ApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

export interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly { name: string; in: string; schema: JsonSchema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: JsonSchema }>> };
  readonly responses: Readonly<Record<string, { description?: string; content?: object }>>;
}

/** The part of JSON Schema that the document uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly maxItems?: number;
  readonly minItems?: number;
  readonly maximum?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
}

/** Throws when an answer is not what its route declares. */
export type AnswerCheck = (method: string, path: string, response: Response, body: unknown) => void;

export async function readDocument(app: Api, key: string): Promise<ApiDocument> {
  const response = await app.request('/openapi.json', {
    headers: { Authorization: `Bearer ${key}` },
  });
  return (await response.json()) as ApiDocument;
}

/** `POST /v1/orders/{id}` of every operation of the document. */
export function operationsOf(
  document: ApiDocument,
): { name: string; method: string; path: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
}

/**
 * Reads what every route declares. An answer conforms when its status is declared and its body is what
 * the route's schema takes, without a field that the schema does not know.
 */
export async function describeAnswers(app: Api, key: string): Promise<AnswerCheck> {
  const operations = operationsOf(await readDocument(app, key));
  const schemas = schemasOf(app);
  return (method, path, response, body) => {
    const bare = path.split('?', 1)[0] ?? '';
    const found = operations
      .filter((operation) => operation.method === method && patternOf(operation.path).test(bare))
      // `/v1/stock/adjustments` is not the SKU of that name.
      .toSorted((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
    if (found === undefined) return;
    const said = `${found.name} answered ${response.status} ${JSON.stringify(body).slice(0, 500)}`;
    expect(Object.keys(found.operation.responses), said).toContain(String(response.status));
    const isProblem =
      response.headers.get('Content-Type')?.startsWith('application/problem+json') === true;
    expect(isProblem, said).toBe(response.status >= 400);
    const schema = isProblem ? problemSchema : schemas.get(`${found.name} ${response.status}`);
    if (schema === undefined) return;
    const read = schema.safeParse(body);
    expect(read.error?.issues ?? [], said).toEqual([]);
    expect(body, `${found.name} answers fields that it does not declare`).toEqual(read.data);
    if (isProblem)
      expect(body).toMatchObject({
        status: response.status,
        instance: response.headers.get('X-Request-Id'),
      });
  };
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
}

/** The schemas that the route modules registered, by route and status. */
function schemasOf(app: Api): Map<string, z.ZodType> {
  const schemas = new Map<string, z.ZodType>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue;
    const { method, path, responses } = definition.route;
    for (const [status, response] of Object.entries(responses)) {
      const content = 'content' in response ? response.content : undefined;
      const media: object = content?.['application/json'] ?? {};
      const schema: unknown = 'schema' in media ? media.schema : undefined;
      if (schema instanceof z.ZodType)
        schemas.set(`${method.toUpperCase()} ${path} ${status}`, schema);
    }
  }
  return schemas;
}

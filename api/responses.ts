import { createRoute, type z } from '@hono/zod-openapi';
import { problemSchema } from './problem.ts';
import { pageOf } from './schemas.ts';

const problemContent = { 'application/problem+json': { schema: problemSchema } };

/** A JSON answer for an OpenAPI route. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** A JSON body for an OpenAPI route. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { 'application/json': { schema } } } } as const;
}

/** The problems that every route may answer. */
export const PROBLEMS = {
  401: { description: 'The key is missing or unknown.', content: problemContent },
  404: { description: 'There is no such thing.', content: problemContent },
  409: {
    description: 'Known with other content, or not possible in this state.',
    content: problemContent,
  },
  422: { description: 'A field is wrong; `errors` names it.', content: problemContent },
  503: { description: 'Try again with the same key.', content: problemContent },
} as const;

/** One refusal of a route's own; its media type is left open, so that handlers may answer `problem()`. */
export function refused(description: string): {
  description: string;
  content: Record<string, { schema: typeof problemSchema }>;
} {
  return { description, content: problemContent };
}

/** What every description of a route starts with. */
interface RouteName<Path extends string> {
  readonly path: Path;
  readonly tags: string[];
  readonly summary: string;
}

/** `GET` of a list: one page of `item`, filtered by `query`. */
export function listRoute<Path extends string, Query extends z.ZodObject, Item extends z.ZodType>({
  query,
  item,
  ...name
}: RouteName<Path> & { query: Query; item: Item }) {
  const responses = { 200: json(pageOf(item), 'One page.'), ...PROBLEMS };
  return createRoute({ method: 'get', ...name, request: { query }, responses });
}

/** `GET` of one thing by what its path names. */
export function readRoute<Path extends string, Params extends z.ZodObject, View extends z.ZodType>({
  params,
  view,
  ...name
}: RouteName<Path> & { params: Params; view: View }) {
  const responses = { 200: json(view, 'As it stands.'), ...PROBLEMS };
  return createRoute({ method: 'get', ...name, request: { params }, responses });
}

/** The answers of a request that may need an approval first: 201 when it is done, 202 when it waits. */
export function reviewed<View extends z.ZodType>(view: View, done: string) {
  return {
    201: json(view, done),
    202: json(view, 'Waits for its approval.'),
    ...PROBLEMS,
  } as const;
}

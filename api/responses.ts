import type { z } from '@hono/zod-openapi';
import { problemSchema } from './problem.ts';

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

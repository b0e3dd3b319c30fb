import { problemSchema } from './problem.ts';

/** One documented refusal of a route; its media type is left open, so that handlers may answer `problem()`. */
export function refused(description: string): {
  description: string;
  content: Record<string, { schema: typeof problemSchema }>;
} {
  return { description, content: { 'application/problem+json': { schema: problemSchema } } };
}

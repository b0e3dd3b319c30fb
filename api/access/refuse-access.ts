import type { Context } from 'hono';
import { problem } from '../problem.ts';

/** 403 with the rule that refuses and what it says. */
export function refuseAccess(hono: Context, rule: string, text: string): Response {
  return problem(hono, 403, 'AccessDenied', text, [], { rule });
}

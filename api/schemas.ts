import { z } from '@hono/zod-openapi';
import { parseDecimal } from '../rules/money/decimal.ts';

/** Minor units as an integer string: `"1530"`. */
export const minorUnits = z.string().regex(/^-?\d{1,15}$/, 'must be an integer string in minor units');

/** ISO 4217 code. */
export const currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code');

/** A decimal string with up to six places. */
export const decimal = z
  .string()
  .refine((text) => parseDecimal(text) !== undefined, 'must be a decimal string with up to 6 places');

/** A decimal string that is not negative. */
export const price = decimal.refine((text) => !text.startsWith('-'), 'must not be negative');

/** RFC 3339, UTC. */
export const instant = z.iso.datetime({ offset: true }).openapi({ example: '2026-11-21T09:30:00Z' });

/** Whole units, at least one. */
export const quantity = z.number().int().positive().max(10_000_000);

/** A part of a readable id: what a caller may name things by. */
export const idPart = z.string().min(1).max(200);

/** `?limit=&cursor=` of every list. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional(),
});

/** `{ data, nextCursor }` of every list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), nextCursor: z.string().nullable() });
}

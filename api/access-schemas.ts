import { z } from '@hono/zod-openapi';
import type { Reach } from '../rules/access/decide-access.ts';
import { ROLE_NAMES, type Role } from '../rules/access/roles.ts';
import { SCOPE_NAMES, type Scope } from '../rules/access/scopes.ts';
import { idPart } from './schemas.ts';

export const role = z.enum(ROLE_NAMES as readonly [Role, ...Role[]]);
const scope = z.enum(SCOPE_NAMES as readonly [Scope, ...Scope[]]);
export const roles = z.array(role).max(ROLE_NAMES.length);
export const scopes = z.array(scope).max(SCOPE_NAMES.length);

const everywhere = (item: z.ZodType<string>) =>
  z.union([z.literal('*'), z.array(item).max(1_000)]).openapi({ description: '`*` is every one' });

/** Which entities somebody may touch. */
export const reachSchema = z.strictObject({
  nodes: everywhere(idPart),
  channels: everywhere(idPart),
  regions: everywhere(z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166 code of two letters')),
  amountMinor: z
    .string()
    .regex(/^\d{1,15}$/, 'must be an integer string in minor units')
    .nullable()
    .openapi({ description: 'The largest amount, minor units of the base currency; null is none' }),
});

/** Reach from the wire. */
export function reachOf({ amountMinor, ...places }: z.infer<typeof reachSchema>): Reach {
  return { ...places, amountMinor: amountMinor === null ? null : BigInt(amountMinor) };
}

/** Reach for the wire. */
export function reachView({ nodes, channels, regions, amountMinor }: Reach) {
  return {
    nodes: listed(nodes),
    channels: listed(channels),
    regions: listed(regions),
    amountMinor: amountMinor === null ? null : amountMinor.toString(),
  };
}

function listed(places: '*' | readonly string[]): '*' | string[] {
  return places === '*' ? places : [...places];
}

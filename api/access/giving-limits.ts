import type { GivingLimits } from '../../activities/ledger/intake/giving-limits.ts';
import type { Principal } from '../../rules/access/decide-access.ts';
import { rolesToGive, scopesToGive } from '../../rules/access/giving.ts';

/** What of giving and taking rights the ledger holds against whoever asks; undefined where nothing restricts them. */
export function givingLimits(principal: Principal): GivingLimits | undefined {
  const { nodes, channels, regions, amountMinor } = principal.reach;
  const [roles, scopes] = [rolesToGive(principal), scopesToGive(principal)];
  const limits: GivingLimits = {
    ...(nodes === '*' ? {} : { nodes }),
    ...(channels === '*' ? {} : { channels }),
    ...(regions === '*' ? {} : { regions }),
    ...(amountMinor === null ? {} : { limitMinor: amountMinor.toString() }),
    ...(roles === undefined ? {} : { roles }),
    ...(scopes === undefined ? {} : { scopes }),
  };
  return Object.keys(limits).length === 0 ? undefined : limits;
}

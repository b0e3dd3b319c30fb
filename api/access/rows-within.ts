import type { ActReach } from '../../activities/ledger/by.ts';
import type { Principal, Reach, Requirement } from '../../rules/access/decide-access.ts';
import type { NamedSubject } from './route-subjects.ts';

/** The filter that a list hands to its ledger function as `within`; a dimension that is left out is not filtered. */
export interface RowFilter {
  readonly nodes?: readonly string[];
  readonly channels?: readonly string[];
  readonly regions?: readonly string[];
}

/**
 * The rows of a list that lie within reach, of the dimensions that the list's requirement names. Undefined
 * for whoever reaches everything, so that their lists cost what they always did. An empty array is no row.
 */
export function rowsWithin(reach: Reach, requirement: Requirement): RowFilter | undefined {
  const asked = new Set(requirement.reach);
  const filter: RowFilter = {
    ...(asked.has('node') && reach.nodes !== '*' ? { nodes: reach.nodes } : {}),
    ...(asked.has('channel') && reach.channels !== '*' ? { channels: reach.channels } : {}),
    ...(asked.has('region') && reach.regions !== '*' ? { regions: reach.regions } : {}),
  };
  return Object.keys(filter).length === 0 ? undefined : filter;
}

/**
 * What the ledger asks once more when an act is done, of what a request names there: by then it may lie
 * elsewhere, or be worth more. Undefined where nothing is restricted, or nothing is named.
 */
export function actReach(
  { reach }: Pick<Principal, 'reach'>,
  requirement: Requirement,
  named: readonly NamedSubject[],
): ActReach | undefined {
  const subjects = named.flatMap((one) => ('kind' in one ? [{ kind: one.kind, id: one.id }] : []));
  const { amountMinor } = reach;
  const isLimited = amountMinor !== null && requirement.reach.includes('amount');
  const places = rowsWithin(reach, requirement);
  if (subjects.length === 0 || (places === undefined && !isLimited)) return undefined;
  return { subjects, ...places, ...(isLimited ? { limitMinor: amountMinor.toString() } : {}) };
}

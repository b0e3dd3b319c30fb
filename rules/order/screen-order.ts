import type { ScreeningPolicy } from '../policy/documents.ts';

/** Which checks an order needs before it is released. */
export type Check = 'address' | 'fraud';

/** A reason to hold the order until a person has looked. */
export interface Hold {
  readonly hold: Check;
  readonly reason: string;
}

/** Where an order goes, as far as a check reads it. */
export interface Destination {
  readonly country: string;
  readonly postalCode?: string | null | undefined;
}

/**
 * At acceptance: the checks that the policy asks for and that are still open; history from a trusted
 * channel needs none, and a clear address is not looked at again.
 */
export function checksFor(
  policy: ScreeningPolicy,
  facts: { totalMinor: bigint; trusted: boolean; shipTo: Destination },
): Check[] {
  if (facts.trusted) return [];
  const checks: Check[] = [];
  const isAddressChecked = facts.totalMinor >= BigInt(policy.addressFromMinor);
  if (isAddressChecked && !isAddressClear(facts.shipTo)) checks.push('address');
  if (facts.totalMinor >= BigInt(policy.fraudFromMinor)) checks.push('fraud');
  return checks;
}

/** What screening looks at. */
export interface ScreeningFacts extends Destination {
  readonly checks: readonly Check[];
  readonly totalMinor: bigint;
  /** Completed orders of the same customer. */
  readonly earlierOrders: number;
}

/** Countries without postal codes. Source: Universal Postal Union, addressing member sheets. */
const NO_POSTAL_CODE = new Set(['AE', 'AO', 'BS', 'BZ', 'GH', 'HK', 'JM', 'QA', 'ZW']);

/**
 * Decides which holds an order gets. An address without a postal code where the country has them is
 * unclear; a large first order is reviewed.
 */
export function screenOrder(policy: ScreeningPolicy, facts: ScreeningFacts): { holds: Hold[] } {
  const holds: Hold[] = [];
  if (facts.checks.includes('address') && !isAddressClear(facts)) {
    holds.push({ hold: 'address', reason: `an address in ${facts.country} needs a postal code` });
  }
  if (facts.checks.includes('fraud') && facts.earlierOrders === 0) {
    holds.push({
      hold: 'fraud',
      reason: `a first order of ${policy.fraudFromMinor} minor units or more is reviewed`,
    });
  }
  return { holds };
}

function isAddressClear({ country, postalCode }: Destination): boolean {
  return NO_POSTAL_CODE.has(country) || (postalCode ?? '').trim() !== '';
}

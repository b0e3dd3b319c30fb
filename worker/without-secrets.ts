import { hideKeys } from '../rules/access/service-key.ts';

/**
 * What would open something to whoever reads it, and what is left of it: access tokens wherever they stand, what is
 * sent as a credential, secrets of webhooks, and passwords in addresses.
 */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, 'eyJ…'],
  [/\b(Bearer|Basic) (?!llk_|eyJ…)[\w.~+/=-]{8,}/gi, '$1 …'],
  [/\bwhsec_[\w+/=-]+/g, 'whsec_…'],
  [/(:\/\/[^\s:/@]+):[^\s/@]+@/g, '$1:…@'],
];

/** A line for a log: errors quote what they were given, and nobody who reads a log needs more than a key's id. */
export function withoutSecrets(line: string): string {
  return SECRETS.reduce((text, [secret, left]) => text.replaceAll(secret, left), hideKeys(line));
}

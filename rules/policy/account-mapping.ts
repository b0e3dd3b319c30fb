import { z } from 'zod';
import { ACCOUNTS } from '../finance/accounts.ts';

/** Which number the merchant's own books give each account of the chart; several may share one. */
export const accountMappingPolicy = z.object({
  numbers: z.record(
    z.string(),
    z
      .string()
      .regex(
        /^[A-Za-z0-9](?:[A-Za-z0-9 ._/-]{0,30}[A-Za-z0-9])?$/,
        'must be 1 to 32 letters, digits, blanks, dots, slashes, underscores or dashes',
      ),
  ),
});

type AccountMappingPolicy = z.infer<typeof accountMappingPolicy>;

/** Until a merchant says otherwise, every account goes by its own name. */
export const DEFAULT_ACCOUNT_MAPPING: AccountMappingPolicy = {
  numbers: Object.fromEntries(ACCOUNTS.map(({ account }) => [account, account])),
};

/** Accounts that a mapping leaves out, and names in it that are no accounts. */
export function* mappingTroubles({
  numbers,
}: AccountMappingPolicy): Generator<{ readonly account: string; readonly message: string }> {
  for (const { account } of ACCOUNTS) {
    if (!Object.hasOwn(numbers, account))
      yield { account, message: 'is posted to, so it needs a number' };
  }
  const known = new Set<string>(ACCOUNTS.map(({ account }) => account));
  for (const account of Object.keys(numbers)) {
    if (!known.has(account)) yield { account, message: 'is no account of the chart' };
  }
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideEntry, ENTRY_KINDS, type EntryFacts } from './decide-entry.ts';

const policy = { approvalAboveMinor: '100000', approvalHours: 48, approvalRole: 'finance' };
const named = { hasCustomer: false, hasInvoice: false };

/** Where an entry's own amount stands; all other accounts are the other side of it. */
const OWN_ACCOUNTS = new Set([
  'manual-adjustments',
  'marketplace-fees',
  'bank-charges',
  'bank-charges-recovered',
  'bad-debt',
  'samples',
  'donations',
  'voucher-liability',
]);

describe('a finance entry', () => {
  test.each<[Partial<EntryFacts> & Pick<EntryFacts, 'kind' | 'quantity'>, [string, string][]]>([
    [{ kind: 'fee', quantity: -1n }, [['marketplace-fees', 'payables']]],
    [{ kind: 'fee', quantity: 1n }, [['payables', 'marketplace-fees']]],
    [{ kind: 'bank-charge', quantity: -1n }, [['bank-charges', 'bank']]],
    [{ kind: 'bank-charge', quantity: 1n }, [['bank', 'bank-charges']]],
    [
      { kind: 'bank-charge', quantity: 1n, hasCustomer: true },
      [['receivables', 'bank-charges-recovered']],
    ],
    [{ kind: 'bank-charge', quantity: -1n, hasCustomer: true }, [['bank-charges', 'bank']]],
    [{ kind: 'donation', quantity: -1n }, [['donations', 'payables']]],
    [{ kind: 'donation', quantity: 1n }, [['payables', 'donations']]],
    [{ kind: 'sample', quantity: -1n }, [['samples', 'payables']]],
    [{ kind: 'sample', quantity: 1n }, [['payables', 'samples']]],
    [{ kind: 'bad-debt', quantity: -1n }, [['bad-debt', 'doubtful-debts']]],
    [{ kind: 'bad-debt', quantity: 1n }, [['doubtful-debts', 'bad-debt']]],
    [{ kind: 'bad-debt', quantity: -1n, hasInvoice: true }, [['bad-debt', 'receivables']]],
    [{ kind: 'bad-debt', quantity: 1n, hasInvoice: true }, [['receivables', 'bad-debt']]],
    [{ kind: 'voucher', quantity: 1n }, [['receivables', 'voucher-liability']]],
    [{ kind: 'voucher', quantity: -1n }, [['voucher-liability', 'receivables']]],
    [{ kind: 'manual', quantity: 1n }, [['receivables', 'manual-adjustments']]],
    [
      { kind: 'manual', quantity: -1n },
      [
        ['manual-adjustments', 'refunds-payable'],
        ['refunds-payable', 'unidentified-credits'],
      ],
    ],
    [
      { kind: 'manual', quantity: -1n, hasCustomer: true },
      [
        ['manual-adjustments', 'refunds-payable'],
        ['refunds-payable', 'customer-credit'],
      ],
    ],
  ])('%o posts %j', (facts, accounts) => {
    const { postings } = decideEntry(policy, { ...named, unitPrice: '12.34', ...facts });
    expect(postings.map(({ debit, credit }) => [debit, credit])).toEqual(accounts);
    expect(postings.every(({ amountMinor }) => amountMinor === 1234n)).toBe(true);
  });

  test('stands in the books with its own sign, whatever kind it is', () => {
    const facts = fc.record({
      kind: fc.constantFrom(...ENTRY_KINDS),
      quantity: fc.bigInt({ min: -1_000n, max: 1_000n }).filter((quantity) => quantity !== 0n),
      unitPrice: fc
        .integer({ min: -9_999_999, max: 9_999_999 })
        .map((thousandths) => (thousandths / 1000).toFixed(3)),
      hasCustomer: fc.boolean(),
      hasInvoice: fc.boolean(),
    });
    fc.assert(
      fc.property(facts, (entry) => {
        const decision = decideEntry(policy, entry);
        let own = 0n;
        for (const { debit, credit, amountMinor } of decision.postings) {
          expect(amountMinor > 0n && debit !== credit).toBe(true);
          if (OWN_ACCOUNTS.has(credit)) own += amountMinor;
          if (OWN_ACCOUNTS.has(debit)) own -= amountMinor;
        }
        expect(own).toBe(decision.amountMinor);
      }),
    );
  });

  test.each([
    ['manual', '1000.00', 'post'],
    ['manual', '1000.01', 'review'],
    ['manual', '-1000.01', 'review'],
    ['fee', '-17836.46', 'post'],
    ['bad-debt', '11062.06', 'post'],
  ] as const)('of kind %s and %s: %s', (kind, unitPrice, outcome) => {
    expect(decideEntry(policy, { ...named, kind, quantity: 1n, unitPrice }).outcome).toBe(outcome);
  });

  test('keeps what is below a penny beside its amount', () => {
    const decision = decideEntry(policy, {
      ...named,
      kind: 'fee',
      quantity: -3n,
      unitPrice: '0.115',
    });
    expect(decision).toMatchObject({ amountMinor: -35n, belowMinor: '0.5' });
  });

  test('of no amount posts nothing', () => {
    expect(
      decideEntry(policy, { ...named, kind: 'fee', quantity: -1n, unitPrice: '0' }).postings,
    ).toEqual([]);
  });
});

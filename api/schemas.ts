import { z } from '@hono/zod-openapi';
import { MAX_AHEAD_HOURS } from '../rules/fact/judge-time.ts';
import { parseDecimal } from '../rules/money/decimal.ts';
import { priceLine } from '../rules/money/price-line.ts';

/** Minor units as an integer string: `"1530"`. */
export const minorUnits = z
  .string()
  .regex(/^-?\d{1,15}$/, 'must be an integer string in minor units');

/** Currencies whose minor unit is not a hundredth: amounts are reckoned in hundredths. Source: ISO 4217, list one. */
const OTHER_MINOR_UNITS = new Set(
  'BHD BIF CLF CLP DJF GNF IQD ISK JOD JPY KMF KRW KWD LYD OMR PYG RWF TND UGX UYI UYW VND VUV XAF XOF XPF'.split(
    ' ',
  ),
);

/** Units of account that stand in ISO 4217 beside the currencies and that nobody pays with. Source: ISO 4217, list one. */
const NO_MONEY = new Set(['XDR', 'XSU', 'XUA']);

/** The codes of money: those that the platform's copy of ISO 4217 lists, without its units of account. */
const CURRENCIES: ReadonlySet<string> = new Set(
  Intl.supportedValuesOf('currency').filter((code) => !NO_MONEY.has(code)),
);

/** ISO 4217 code of a currency with hundredths. */
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code')
  .refine(
    (code) => !/^[A-Z]{3}$/.test(code) || CURRENCIES.has(code),
    'is no currency of ISO 4217 that is in use',
  )
  .refine((code) => !OTHER_MINOR_UNITS.has(code), 'must be a currency with two decimals');

/** A decimal string with up to six places. */
export const decimal = z
  .string()
  .refine(
    (text) => parseDecimal(text) !== undefined,
    'must be a decimal string with up to 6 places',
  )
  .openapi({ format: 'decimal', example: '2.55' });

/** A decimal string that is not negative. */
export const price = decimal.refine((text) => !text.startsWith('-'), 'must not be negative');

/** RFC 3339 with a zone. The years and offsets are those that trade has; beyond them the ledger's clock ends. */
export const instant = z.iso
  .datetime({ offset: true })
  .refine(
    (text) => !/^\d{4}-/.test(text) || /^(19[7-9]|2[01]\d)\d-/.test(text),
    'must lie in the years 1970 to 2199',
  )
  .refine((text) => !/[+-](1[5-9]|2\d):\d\d$/.test(text), 'must be in UTC or at most 14 hours off')
  .openapi({ example: '2026-11-21T09:30:00Z' });

/** When something happened: an instant that the API's clock has (nearly) reached. */
export const factTime = instant.openapi({
  description: `When it happened. At most ${MAX_AHEAD_HOURS} hours ahead of the API's clock.`,
});

/** Whole units, at least one. */
export const quantity = z.number().int().positive().max(10_000_000);

/** A thousand million major units: thousands of such lines still make a total that the wire's 15 digits carry. */
const MAX_LINE_MINOR = 100_000_000_000n;

/** A line whose price times its quantity stays within what totals can carry; `field` names the price. */
export function boundedLine<Line extends z.ZodObject>(line: Line, field: 'unitPrice' | 'unitCost') {
  return line.superRefine((value, refine) => {
    const { quantity: units, [field]: unitPrice } = value as Record<string, unknown>;
    if (typeof units !== 'number' || typeof unitPrice !== 'string') return;
    const { amountMinor } = priceLine(parseDecimal(unitPrice) ?? 0n, BigInt(units));
    if (amountMinor <= MAX_LINE_MINOR) return;
    refine.addIssue({ code: 'custom', path: [field], message: 'makes too large an amount' });
  });
}

/** A part of a readable id: what a caller may name things by. */
export const idPart = z.string().min(1).max(200);

/** `?limit=&cursor=` of every list. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional(),
});

/** `{ data, nextCursor }` of every list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), nextCursor: z.string().nullable() });
}

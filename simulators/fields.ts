import { z } from 'zod';

/** Integer strings in minor units become bigint. */
export const positiveAmountMinor = z
  .string()
  .regex(/^\d{1,18}$/, 'must be a whole number of minor units as a string')
  .transform((text) => BigInt(text))
  .refine((amount) => amount > 0n, 'must be greater than 0');

export const currency = z.string().regex(/^[A-Z]{3}$/, 'must be a currency code such as GBP');

export const text = z.string().min(1).max(300);

/** RFC 3339 in UTC, for example 2010-12-01T08:26:00Z. */
export const instant = z.iso.datetime();

export const country = z.string().regex(/^[A-Z]{2}$/, 'must be a two-letter country code');

export const unitPrice = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,6})?$/, 'must be a decimal string with up to 6 places');

const rate = z.number().min(0).max(1);
export const share = rate;

/** How often an event is posted to a webhook until it is taken. */
export const webhookAttempts = z.int().min(1).max(1_000);

export const baseFaults = {
  /** The share of keys whose calls answer 503 once or twice, before anything has happened. */
  serverErrorRate: rate,
  /** The share of keys whose call is done, and then is answered too late or not at all. */
  timeoutAfterEffectRate: rate,
};

/** Nothing goes wrong. */
export const NO_FAULTS = { serverErrorRate: 0, timeoutAfterEffectRate: 0 };

/** Later than Loopline waits for a provider (5 s). */
export const HANG_MS = 6_000;

export const baseSettings = {
  seed: z.int(),
  latencyMs: z.int().min(0).max(60_000),
  /** How long a call that times out after its effect keeps its caller waiting. */
  hangMs: z.int().min(0).max(600_000),
};

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.coerce.number().int().min(0).default(0),
});

export const advanceBody = z.object({ until: instant });

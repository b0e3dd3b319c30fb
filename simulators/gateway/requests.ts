import { z } from 'zod';
import {
  baseFaults,
  baseSettings,
  currency,
  HANG_MS,
  NO_FAULTS,
  positiveAmountMinor,
  share,
  text,
  webhookAttempts,
} from '../fields.ts';

export const authorizationBody = z.object({
  reference: text,
  amountMinor: positiveAmountMinor,
  currency,
  token: text.optional(),
});

export const amountBody = z.object({ amountMinor: positiveAmountMinor, reference: text });

export const voidBody = z.object({ reference: text });

export const challengeBody = z.object({ passed: z.boolean() });

export const gatewaySettings = z.strictObject({
  ...baseSettings,
  /** Amounts that end in 13 are declined, in 17 challenged. */
  amount_triggers: z.boolean(),
  webhookUrl: z.url().nullable(),
  webhookSecret: z.string().min(1),
  webhookAttempts,
  faults: z.strictObject({
    ...baseFaults,
    webhookDuplicateRate: share,
    webhookReorderRate: share,
    declineRate: share,
  }),
});

export type GatewaySettings = z.infer<typeof gatewaySettings>;

export function startingGatewaySettings(seed: number): GatewaySettings {
  return {
    seed,
    latencyMs: 2,
    amount_triggers: false,
    hangMs: HANG_MS,
    webhookUrl: null,
    webhookSecret: 'simulator-webhook-secret',
    webhookAttempts: 7,
    faults: {
      ...NO_FAULTS,
      webhookDuplicateRate: 0,
      webhookReorderRate: 0,
      declineRate: 0,
    },
  };
}

import { z } from 'zod';
import {
  baseFaults,
  baseSettings,
  currency,
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
  /** How long a capture that times out keeps its caller waiting. */
  hangMs: z.int().min(0).max(120_000),
  webhookUrl: z.url().nullable(),
  webhookSecret: z.string().min(1),
  webhookAttempts,
  faults: z.strictObject({
    ...baseFaults,
    captureTimeoutAfterEffectRate: share,
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
    hangMs: 6_000,
    webhookUrl: null,
    webhookSecret: 'simulator-webhook-secret',
    webhookAttempts: 7,
    faults: {
      serverErrorRate: 0,
      captureTimeoutAfterEffectRate: 0,
      webhookDuplicateRate: 0,
      webhookReorderRate: 0,
      declineRate: 0,
    },
  };
}

import { webhookSecret } from '../../worker/api-access.ts';
import type { ChaosStack } from './chaos-stack.ts';
import { putSettings } from '../put-settings.ts';

/** A planned day of a supplier lasts a second. */
const LEAD_TIME_SCALE = 1 / 86_400;

/** Providers at their worst: 5xx, effects whose answer never comes, webhooks twice and out of order. */
export async function letProvidersFail(stack: ChaosStack, seed: number): Promise<void> {
  const { simulators, apiUrls, apiKey } = stack;
  const [first = '', second = first] = apiUrls;
  const secret = webhookSecret(apiKey);
  // As real providers do, they go on for much longer than anything is down here.
  const webhookAttempts = 60;
  const faults = { serverErrorRate: 0.05, timeoutAfterEffectRate: 0.03 };
  const webhooks = { webhookDuplicateRate: 0.2, webhookReorderRate: 0.2 };
  await putSettings(simulators.gateway, {
    seed,
    webhookUrl: `${first}/v1/webhooks/gateway`,
    webhookAttempts,
    webhookSecret: secret,
    faults: { ...faults, declineRate: 0.01, ...webhooks },
  });
  await putSettings(simulators.carrier, {
    seed,
    lostRate: 0.02,
    webhookUrl: `${second}/v1/webhooks/carrier`,
    webhookAttempts,
    webhookSecret: secret,
    faults: { ...faults, ...webhooks },
  });
  await putSettings(simulators.supplier, {
    seed,
    apiUrl: second,
    leadTimeScale: LEAD_TIME_SCALE,
    partialRate: 0.2,
    shortRate: 0.05,
    lateRate: 0.1,
    priceDifferenceRate: 0.1,
    faults,
  });
  await putSettings(simulators.warehouse, { seed, handlingMs: 800 });
  await putSettings(simulators.mail, { seed, faults });
}

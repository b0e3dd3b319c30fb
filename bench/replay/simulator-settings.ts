import type { HttpService } from './api-client.ts';
import type { Target } from './target.ts';

type Settings = Readonly<Record<string, unknown>>;

/** Faults that heal, and suppliers with the habits of real ones; a driver moves the clocks. */
function replaySettings(seed: number): Record<'gateway' | 'supplier' | 'warehouse', Settings> {
  return {
    gateway: {
      seed,
      amount_triggers: false,
      faults: {
        serverErrorRate: 0.01,
        timeoutAfterEffectRate: 0.001,
        webhookDuplicateRate: 0,
        webhookReorderRate: 0,
        declineRate: 0,
      },
    },
    supplier: {
      seed,
      auto: false,
      leadTimeScale: 1,
      partialRate: 0.1,
      shortRate: 0.03,
      lateRate: 0.05,
      priceDifferenceRate: 0,
      jitterDays: 1,
      faults: { serverErrorRate: 0.01 },
    },
    warehouse: {
      seed,
      auto: true,
      pollMs: 50,
      idlePollMs: 50,
      handlingMs: 0,
      clock: 'advanced',
      carrierUrl: null,
      returnShortRate: 0,
      returnOverRate: 0,
      returnWrongItemRate: 0,
      returnMissingRate: 0,
    },
  };
}

/** Gives the simulators the settings of a replay; the answer gives them back what they had. */
export async function applySettings(target: Target, seed: number): Promise<() => Promise<void>> {
  const wanted = replaySettings(seed);
  const before: [HttpService, Settings][] = [];
  for (const name of ['gateway', 'supplier', 'warehouse'] as const) {
    const service = target[name];
    const { body } = await service.call('GET', '/_sim/settings');
    before.push([service, body as Settings]);
    await service.call('PUT', '/_sim/settings', wanted[name]);
  }
  return async () => {
    for (const [service, settings] of before) await service.call('PUT', '/_sim/settings', settings);
  };
}

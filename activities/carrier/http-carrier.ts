import { z } from 'zod';
import { Failure } from '../failures.ts';
import { callProvider, refusedBy } from '../http/call-provider.ts';
import type { CarrierProvider } from './carrier.ts';

const NAME = 'carrier';
const labelAnswer = z.object({ id: z.string(), trackingNumber: z.string(), labelUrl: z.string() });

/** The carrier behind its HTTP API at `baseUrl`. */
export function httpCarrier(baseUrl: string): CarrierProvider {
  return {
    async buyLabel({ reference, direction, fromCountry, toCountry, idempotencyKey }) {
      const answer = await callProvider(NAME, `${baseUrl}/v1/labels`, {
        method: 'POST',
        idempotencyKey,
        body: {
          reference,
          direction,
          from: { country: fromCountry },
          to: { country: toCountry },
          parcels: [{}],
        },
      });
      if (answer.status >= 400) throw refusedBy(NAME, answer);
      const label = labelAnswer.safeParse(answer.body);
      if (!label.success)
        throw new Failure('ProviderUnavailable', `${NAME} answered what is no label`);
      const { id, trackingNumber, labelUrl } = label.data;
      return { labelId: id, trackingNumber, labelUrl };
    },
  };
}

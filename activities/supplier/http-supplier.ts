import { z } from 'zod';
import { Failure } from '../failures.ts';
import { callProvider, refusedBy } from '../http/call-provider.ts';
import type { SupplierProvider } from './supplier.ts';

const NAME = 'supplier';
const acknowledgement = z.object({
  acknowledgementId: z.string(),
  state: z.string(),
  lines: z.array(
    z.object({ lineNo: z.number().int(), quantity: z.number().int(), expectedAt: z.string() }),
  ),
});

/** The suppliers behind one HTTP API at `baseUrl`. */
export function httpSupplier(baseUrl: string): SupplierProvider {
  return {
    async submitOrder(order, idempotencyKey) {
      const url = `${baseUrl}/v1/orders`;
      const answer = await callProvider(NAME, url, { method: 'POST', idempotencyKey, body: order });
      if (answer.status >= 400) throw refusedBy(NAME, answer);
      const parsed = acknowledgement.safeParse(answer.body);
      if (!parsed.success) {
        throw new Failure('ProviderUnavailable', `${NAME} answered no acknowledgement`);
      }
      const { acknowledgementId, state, lines } = parsed.data;
      if (state !== 'accepted') throw new Failure('ProviderRefused', `${NAME} answered ${state}`);
      return { acknowledgementId, lines };
    },
  };
}

import { z } from 'zod';
import { callProvider, refusedBy, type ProviderAnswer } from '../http/call-provider.ts';
import type { PaymentProvider } from './payment.ts';

const NAME = 'payment gateway';
const authorizationAnswer = z.object({
  id: z.string(),
  status: z.enum(['authorized', 'declined', 'challenge']),
  declineCode: z.string().optional(),
});
const operationAnswer = z.object({
  id: z.string(),
  status: z.enum(['succeeded', 'failed']),
  failureCode: z.string().optional(),
});

/** The payment gateway behind its HTTP API at `baseUrl`. */
export function httpGateway(baseUrl: string): PaymentProvider {
  const post = (path: string, idempotencyKey: string, body: unknown) =>
    callProvider(NAME, `${baseUrl}/v1${path}`, { method: 'POST', idempotencyKey, body });
  const operate = async (
    reference: string,
    operation: string,
    idempotencyKey: string,
    amountMinor: string,
  ) => {
    const path = `/authorizations/${encodeURIComponent(reference)}/${operation}`;
    const answer = accepted(
      await post(path, idempotencyKey, { amountMinor, reference: idempotencyKey }),
    );
    return operationAnswer.parse(answer.body);
  };
  return {
    async authorize({ idempotencyKey, token, ...rest }) {
      const body = token === null ? rest : { ...rest, token };
      const answer = accepted(await post('/authorizations', idempotencyKey, body));
      const { id, status, declineCode } = authorizationAnswer.parse(answer.body);
      return {
        outcome: status === 'challenge' ? 'challenged' : status,
        reference: id,
        ...(declineCode === undefined ? {} : { declineCode }),
      };
    },
    async capture({ reference, amountMinor, idempotencyKey }) {
      const { id, status, failureCode } = await operate(
        reference,
        'captures',
        idempotencyKey,
        amountMinor,
      );
      if (status === 'succeeded') return { outcome: 'captured', providerId: id };
      return { outcome: 'failed', providerId: id, failure: failureCode ?? 'failed' };
    },
    async voidAuthorization({ reference, authorizeKey, idempotencyKey }) {
      const id = reference ?? (await findAuthorization(baseUrl, authorizeKey));
      if (id === undefined) return;
      const answer = await post(`/authorizations/${encodeURIComponent(id)}/voids`, idempotencyKey, {
        reference: idempotencyKey,
      });
      // The buyer may have failed the challenge just before: then nothing is held, as was wanted.
      if (answer.status >= 400 && (await isDeclined(baseUrl, id))) return;
      accepted(answer);
    },
    async refund({ reference, amountMinor, idempotencyKey }) {
      const { id, status, failureCode } = await operate(
        reference,
        'refunds',
        idempotencyKey,
        amountMinor,
      );
      return {
        status,
        providerId: id,
        ...(failureCode === undefined ? {} : { failure: failureCode }),
      };
    },
  };
}

function accepted(answer: ProviderAnswer): ProviderAnswer {
  if (answer.status >= 400) throw refusedBy(NAME, answer);
  return answer;
}

/** Undefined when nothing is held: it was never asked for, or declined. */
async function findAuthorization(
  baseUrl: string,
  authorizeKey: string,
): Promise<string | undefined> {
  const answer = await callProvider(
    NAME,
    `${baseUrl}/v1/operations/${encodeURIComponent(authorizeKey)}`,
    { method: 'GET' },
  );
  if (answer.status === 404) return undefined;
  const { id, status } = authorizationAnswer.parse(accepted(answer).body);
  // A challenge that nobody waits for any more could still be passed.
  return status === 'declined' ? undefined : id;
}

async function isDeclined(baseUrl: string, id: string): Promise<boolean> {
  const url = `${baseUrl}/v1/authorizations/${encodeURIComponent(id)}`;
  const answer = await callProvider(NAME, url, { method: 'GET' });
  return answer.status < 400 && authorizationAnswer.parse(answer.body).status === 'declined';
}

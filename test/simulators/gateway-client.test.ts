import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpGateway } from '../../activities/payment/http-gateway.ts';
import type { RunningSimulators } from '../../simulators/start-simulators.ts';
import { send, startForTest } from './running.ts';

let running: RunningSimulators;
let gateway: string;

beforeAll(async () => {
  running = await startForTest();
  gateway = running.urls.gateway;
});
afterAll(() => running.stop());

function authorize(name: string, token: string) {
  return httpGateway(gateway).authorize({
    reference: name,
    amountMinor: '500',
    currency: 'GBP',
    token,
    idempotencyKey: `${name}:authorize`,
  });
}

function letGo(name: string, reference: string | null) {
  return httpGateway(gateway).voidAuthorization({
    reference,
    authorizeKey: `${name}:authorize`,
    idempotencyKey: `${name}:void`,
  });
}

async function answerChallenge(id: string, passed: boolean): Promise<number> {
  const url = `${gateway}/_sim/authorizations/${id}/challenge-results`;
  return (await send('POST', url, { passed })).status;
}

test('a challenge that the buyer has failed meanwhile is let go of: nothing is held', async () => {
  const { outcome, reference = '' } = await authorize('failed', 'tok_challenge');
  expect(outcome).toBe('challenged');
  expect(await answerChallenge(reference, false)).toBe(200);
  await expect(letGo('failed', reference)).resolves.toBeUndefined();
  await expect(letGo('failed', reference), 'and again').resolves.toBeUndefined();
});

test('a challenge whose answer we never got cannot be passed once it is let go of', async () => {
  const { reference = '' } = await authorize('unheard', 'tok_challenge');
  await letGo('unheard', null);
  expect(await answerChallenge(reference, true)).toBe(409);
  const { body } = await send('GET', `${gateway}/v1/authorizations/${reference}`);
  expect(body).toMatchObject({ voided: true, capturedMinor: '0' });
});

test('what was never asked for is nothing to let go of; another refusal is one', async () => {
  await expect(letGo('never', null)).resolves.toBeUndefined();
  await expect(letGo('unknown', 'auth_unknown')).rejects.toMatchObject({ type: 'ProviderRefused' });
});

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from 'hono';
import type { By } from '../activities/ledger/by.ts';
import type { Ledger } from '../activities/ledger/connect.ts';
import type { RequestVariables } from './context.ts';

const acting = new AsyncLocalStorage<By>();

/** Does the work as `by`: what it calls on an acting ledger, also later and in parallel, says so. */
export function actAs<Result>(by: By, work: () => Result): Result {
  return acting.run(by, work);
}

/** Who acts in the request under way; undefined outside of one. */
export function actingBy(): By | undefined {
  return acting.getStore();
}

/** One ledger for all requests: whatever is called on it says who sent the request under way. */
export function actingLedger(ledger: Ledger): Ledger {
  const asSender = () => {
    const by = acting.getStore();
    return by === undefined ? ledger : ledger.as(by);
  };
  return {
    call: (name, request) => asSender().call(name, request),
    report: (name, request) => asSender().report(name, request),
    as: (by) => ledger.as(by),
    close: () => ledger.close(),
  };
}

/**
 * Who sent a request: the actor that its key speaks for, or the provider that signed it. Undefined where nobody
 * has to say who they are.
 */
export function senderOf(hono: Context<RequestVariables>): By | undefined {
  // The routes of the providers ask for a signature and no key.
  const [, provider] = /^\/v1\/webhooks\/([a-z-]+)$/.exec(hono.req.path) ?? [];
  const known: By | undefined = hono.get('by');
  if (known !== undefined || provider === undefined) return known;
  return {
    actor: `provider:${provider}`,
    requestId: hono.get('requestId'),
    sourceAddress: hono.get('sourceAddress'),
  };
}

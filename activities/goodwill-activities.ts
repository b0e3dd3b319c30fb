import type { Ledger } from './ledger/connect.ts';
import { PROCESSES } from './ledger/process-actors.ts';
import * as steps from './ledger/steps/goodwill.ts';

/** The steps of goodwill on the ledger: local activities. Its refunds are paid as those of returns. */
export function createGoodwillLedgerSteps(parts: { ledger: Ledger }) {
  const ledger = parts.ledger.as(PROCESSES.worker);
  return {
    beginGoodwill: (request: { processId: string }) => steps.beginGoodwill(ledger, request),
    advanceGoodwill: (request: { goodwillId: string }) => steps.advanceGoodwill(ledger, request),
    recordGoodwillRefund: (request: Parameters<typeof steps.recordGoodwillRefund>[1]) =>
      steps.recordGoodwillRefund(ledger, request),
  };
}

/** The activities by name, for the workflow's proxies. */
export type GoodwillLedgerSteps = ReturnType<typeof createGoodwillLedgerSteps>;

import type { Ledger } from './ledger/connect.ts';
import { PROCESSES } from './ledger/process-actors.ts';
import {
  beginReplenishment,
  endReplenishment,
  type ReplenishmentStatus,
} from './ledger/steps/replenishment.ts';

/** Steps of a replenishment cycle's process. */
export interface ReplenishmentLedgerSteps {
  beginReplenishment(request: { processId: string }): Promise<ReplenishmentStatus>;
  endReplenishment(request: { processId: string }): Promise<{ applied: boolean; state: 'done' }>;
}

/** The activities of a replenishment cycle's process. */
export function createReplenishmentActivities(parts: { ledger: Ledger }): ReplenishmentLedgerSteps {
  const ledger = parts.ledger.as(PROCESSES.worker);
  return {
    beginReplenishment: (request) => beginReplenishment(ledger, request),
    endReplenishment: (request) => endReplenishment(ledger, request),
  };
}

import type { Json, Ledger } from '../connect.ts';

/** A machine's event: `id` is its own, unique per source. */
export interface MachineEvent {
  readonly id: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly data: { readonly [key: string]: Json };
}

/** What the fact changed: `applied` false when the ledger knew better or knows no such subject. */
export interface FactResult {
  readonly applied: boolean;
  readonly state: string;
  readonly replayed: boolean;
}

/**
 * Stores a fact from a machine together with its effect. Idempotency key: source + the event's id.
 * Errors: IdempotencyMismatch when the id came before with other content.
 */
export function recordFact(ledger: Ledger, source: 'gateway' | 'carrier', event: MachineEvent) {
  return ledger.call<FactResult>('record_fact', { source, factId: event.id, payload: event });
}

import { finishRepair, type Repair } from '../activities/ledger/intake/repair-process.ts';
import type { ApiContext } from './context.ts';

/** What of a stored reset the engine has to know, and who says what became of it. */
type PendingReset = Pick<Repair, 'processId' | 'repairId' | 'reason' | 'actor'> & {
  readonly step: string | null;
};

/**
 * Carries a stored reset out and settles what it was about; undefined when the engine did not answer, and the
 * reset stays as it is. The same one may be carried out twice at once: it resets once. Errors: NotFound.
 */
export async function carryOutReset(
  {
    ledger,
    engine,
    now,
  }: Pick<ApiContext, 'ledger' | 'now'> & {
    readonly engine: Pick<ApiContext['engine'], 'reset'>;
  },
  { processId, repairId, step, reason, actor }: PendingReset,
): Promise<Repair | undefined> {
  const became = await engine.reset(processId, { step: step ?? '', reason, repairId });
  if (became === undefined) return undefined;
  const { state, ...outcome } = became;
  const request = { processId, repairId, state, outcome, actor, at: now() };
  return (await finishRepair(ledger, request)).repair;
}

import { judgeSeparation, type PriorAct } from '../../../rules/approval/may-decide.ts';
import type { ApprovalMatrix, Duty } from '../../../rules/policy/approval-matrix.ts';
import type { Ledger } from '../connect.ts';

/** What somebody is about to do to a thing, and what was done to it before. */
interface DutyCase {
  readonly duty: Duty;
  /** What acts are held against each other by, such as `supplier:acme`. */
  readonly thing: string;
  readonly priorActs: readonly PriorAct[];
}

interface Duties {
  readonly separatedDuties: ApprovalMatrix['separatedDuties'];
  /** Whoever acts: of a key the person who made it. Prior acts are told by hands as well. */
  readonly hand: string;
  readonly cases: readonly DutyCase[];
}

/** The settling of an exception by an action, or changes of suppliers. */
type DutyRequest = (
  | { readonly exceptionId: string; readonly action: string }
  | { readonly suppliers: readonly string[] }
) & {
  /** By the policy of which time, RFC 3339; now when left out. */
  readonly at?: string | undefined;
};

/** Why somebody may not do something: the policy separates it from what they did before. */
type SeparationRefusal = NonNullable<ReturnType<typeof judgeSeparation>>;

/** By thing, what the actor may not do to it; empty where nothing stands in the way. */
export async function judgeDuties(
  ledger: Ledger,
  actor: string,
  request: DutyRequest,
): Promise<ReadonlyMap<string, SeparationRefusal>> {
  const told = { ...request, actor };
  const { separatedDuties, hand, cases } = await ledger.call<Duties>('read_duties', told);
  const refusals = new Map<string, SeparationRefusal>();
  for (const { duty, thing, priorActs } of cases) {
    const refusal = judgeSeparation(separatedDuties, duty, priorActs, hand);
    if (refusal !== undefined) refusals.set(thing, refusal);
  }
  return refusals;
}

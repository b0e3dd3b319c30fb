import type { Ledger } from '../activities/ledger/connect.ts';
import { measurePastReturns, readPastReturns } from '../activities/ledger/read/past-returns.ts';
import { readPolicy, type PolicyScope } from '../activities/ledger/read/policies.ts';
import {
  POLICY_SCHEMAS,
  returnPolicy,
  refundTimingPolicy,
  type PolicyDocument,
  type PolicyName,
} from '../rules/policy/documents.ts';
import { approvalMatrix } from '../rules/policy/approval-matrix.ts';
import type { ReturnPolicies } from '../rules/policy/judge-past-return.ts';
import { simulationReport, type SimulationReport } from '../rules/policy/simulation-report.ts';
import {
  EMPTY_TALLY,
  mergeTallies,
  SIMULATED_POLICIES,
  tallyReturns,
  type SimulatedPolicy,
} from '../rules/policy/simulate-returns.ts';

/** What is tried out, and on which past returns; times RFC 3339, `until` exclusive. */
export interface SimulationRequest extends PolicyScope {
  readonly policy: SimulatedPolicy;
  readonly document: PolicyDocument;
  readonly from: string;
  readonly until: string;
  /** What is in force at this time is what the draft is compared with. */
  readonly at: string;
}

/** How far a simulation is: returns looked at, of all of the period. */
export interface SimulationProgress {
  readonly looked: number;
  readonly of: number;
}

export type SimulationStep =
  | { readonly progress: SimulationProgress }
  | { readonly report: SimulationReport }
  /** The deadline came first. */
  | { readonly stopped: SimulationProgress };

/** Whether drafts of this policy can be tried on past returns. */
export function isSimulated(policy: PolicyName): policy is SimulatedPolicy {
  return SIMULATED_POLICIES.some((name) => name === policy);
}

/**
 * Judges the past returns of a period by the policies in force and by the draft, page by page: a step of
 * progress after each page, then the report. Nothing is stored; whoever asks no further ends it. `isLate` is
 * asked before each page.
 */
export async function* simulateDraft(
  ledger: Ledger,
  request: SimulationRequest,
  isLate: () => boolean = () => false,
): AsyncGenerator<SimulationStep, void, undefined> {
  const { policy, channel, region, from, until, at } = request;
  const { returns: of, typicalDecisionMinutes } = await measurePastReturns(ledger, { from, until });
  const before = await readReturnPolicies(ledger, { channel, region }, at);
  const draft = POLICY_SCHEMAS[policy].parse(request.document);
  const comparison = {
    before,
    after: { ...before, [policy]: draft },
    typicalDecisionMinutes,
  };
  let tally = EMPTY_TALLY;
  let looked = 0;
  for await (const page of readPastReturns(ledger, { policy, channel, region, from, until, at })) {
    tally = mergeTallies(tally, tallyReturns(comparison, page.returns));
    looked += page.looked;
    yield { progress: { looked, of } };
    if (looked < of && isLate()) {
      yield { stopped: { looked, of } };
      return;
    }
  }
  yield { report: simulationReport(tally) };
}

async function readReturnPolicies(
  ledger: Ledger,
  scope: PolicyScope,
  at: string,
): Promise<ReturnPolicies> {
  const read = async (policy: SimulatedPolicy) =>
    (await readPolicy(ledger, { policy, ...scope, at })).document;
  return {
    return: returnPolicy.parse(await read('return')),
    'approval-matrix': approvalMatrix.parse(await read('approval-matrix')),
    'refund-timing': refundTimingPolicy.parse(await read('refund-timing')),
  };
}

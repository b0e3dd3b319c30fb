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
import { groupBy } from '../rules/group-by.ts';
import { assumeWaits, type AssumedWaits } from '../rules/policy/assume-waits.ts';
import { approvalMatrix } from '../rules/policy/approval-matrix.ts';
import type { ReturnPolicies } from '../rules/policy/judge-past-return.ts';
import type { PastReturn } from '../rules/policy/past-return.ts';
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
  /** What is in force at this time is what the draft is compared with: now, or when the draft is to hold. */
  readonly at: string;
  /** Hours that are assumed instead of what the past tells; left out: nothing is. */
  readonly decisionHours?: number | undefined;
  readonly inspectionHours?: number | undefined;
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
 * progress after each page, then the report. Each return is judged by what is in force for its own channel and
 * region, and the draft stands for the one version whose place it would take there. Nothing is stored; whoever
 * asks no further ends it. `isLate` is asked before each page.
 */
export async function* simulateDraft(
  ledger: Ledger,
  request: SimulationRequest,
  isLate: () => boolean = () => false,
): AsyncGenerator<SimulationStep, void, undefined> {
  const { policy, channel, region, from, until, at } = request;
  const { returns: of, ...measured } = await measurePastReturns(ledger, { from, until });
  const assumed = assumedWaits(request);
  const typicalDecisionMinutes = assumed.decisionMinutes ?? measured.typicalDecisionMinutes;
  const draft = POLICY_SCHEMAS[policy].parse(request.document);
  const policiesOf = policiesByScope(ledger, at);
  let tally = EMPTY_TALLY;
  let looked = 0;
  for await (const page of readPastReturns(ledger, { policy, channel, region, from, until, at })) {
    for (const returns of groupBy(page.returns, scopeText).values()) {
      const before = await policiesOf(scopeOf(returns[0]));
      const after = { ...before, [policy]: draft };
      const judged = returns.map((past) => assumeWaits(past, assumed));
      tally = mergeTallies(tally, tallyReturns({ before, after, typicalDecisionMinutes }, judged));
    }
    looked += page.looked;
    yield { progress: { looked, of } };
    if (looked < of && isLate()) {
      yield { stopped: { looked, of } };
      return;
    }
  }
  const report = simulationReport(tally);
  yield { report: { ...report, summary: [...report.summary, ...assumptionsOf(request)] } };
}

/** What was assumed, as a sentence of the summary. */
function assumptionsOf({ decisionHours, inspectionHours }: SimulationRequest): string[] {
  const said = [
    ...(decisionHours === undefined ? [] : [`a decision takes ${decisionHours} h`]),
    ...(inspectionHours === undefined ? [] : [`an inspection takes ${inspectionHours} h`]),
  ];
  return said.length === 0 ? [] : [`It is assumed that ${said.join(' and ')}.`];
}

function assumedWaits({ decisionHours, inspectionHours }: SimulationRequest): AssumedWaits {
  const minutes = (hours: number | undefined) =>
    hours === undefined ? null : Math.round(hours * 60);
  return {
    decisionMinutes: minutes(decisionHours),
    inspectionMinutes: minutes(inspectionHours),
  };
}

/** A draft that is to hold from a later date is compared with what is to hold by then. */
export function laterOf(now: string, activeFrom: string | null | undefined): string {
  return activeFrom != null && Date.parse(activeFrom) > Date.parse(now) ? activeFrom : now;
}

/** Where a return lies; what is not known is like everywhere. */
function scopeOf(past: PastReturn | undefined): PolicyScope {
  return { channel: past?.channel ?? '*', region: past?.region ?? '*' };
}

function scopeText(past: PastReturn): string {
  const { channel, region } = scopeOf(past);
  return `${channel} ${region}`;
}

/** Reads the policies of each channel and region once. */
function policiesByScope(
  ledger: Ledger,
  at: string,
): (scope: PolicyScope) => Promise<ReturnPolicies> {
  const known = new Map<string, Promise<ReturnPolicies>>();
  return (scope) => {
    const key = `${scope.channel} ${scope.region}`;
    const read = known.get(key) ?? readReturnPolicies(ledger, scope, at);
    known.set(key, read);
    return read;
  };
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

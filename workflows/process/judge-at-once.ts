import type { ApprovalStanding } from '../../activities/ledger/read/approval-case.ts';
import type { DecisionMessage, DecisionRefusal } from './messages.ts';

/** What an update is judged by: what the last step or the last word has told. */
export type Known = Pick<ApprovalStanding, 'state' | 'closing'> &
  Partial<Pick<ApprovalStanding, 'run' | 'openLevels' | 'requesters' | 'decided' | 'separated'>>;

/**
 * What can be said of a word at once, from what the process knows: it may know too little, never too much. The
 * ledger has the last word on what is let through.
 */
export function judgeAtOnce(
  expected: string | undefined,
  known: Known | undefined,
  { approvalId, kind = 'decide', by, run }: DecisionMessage,
): DecisionRefusal | undefined {
  if (expected !== undefined && approvalId !== expected) {
    return {
      status: 409,
      rule: 'not-awaited',
      text: `${approvalId} is not what this process waits for`,
    };
  }
  if (known === undefined || kind === 'comment') return undefined;
  if (known.state !== 'open') return over(known);
  if (run !== undefined && known.run !== undefined && run < known.run) {
    return { status: 409, rule: 'restarted', text: 'the approval has started again' };
  }
  if (kind !== 'decide' || by === undefined) return undefined;
  if (known.requesters?.includes(by) === true) {
    const text = `${by} asked for this approval`;
    return { status: 403, rule: 'requester-may-not-decide', text };
  }
  if (known.decided?.includes(by) === true) {
    const text = `${by} has had a say on this request`;
    return { status: 403, rule: 'one-decision-per-request', text };
  }
  const separated = known.separated?.find((one) => one.by === by);
  if (separated !== undefined) {
    return { status: 403, rule: 'separated-duties', text: separated.text };
  }
  return undefined;
}

function over({ state, closing }: Known): DecisionRefusal {
  const { by = null, onBehalfOf = null, at = null } = closing ?? {};
  const person = onBehalfOf === null ? by : `${by ?? ''} for ${onBehalfOf}`;
  const who = { by, onBehalfOf, at };
  if (state === 'withdrawn') {
    const text = `${person ?? 'nobody'} has withdrawn the request`;
    return { status: 410, rule: 'withdrawn', text, ...who };
  }
  const text = `${state} by ${person ?? 'the deadline'}`;
  return { status: 409, rule: 'already-decided', text, ...who };
}

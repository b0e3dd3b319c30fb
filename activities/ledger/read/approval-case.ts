import type { ApprovalCommand } from '../../../rules/approval/answer-command.ts';
import type { ApprovalEvent } from '../../../rules/approval/approval-events.ts';
import type { ApprovalFacts } from '../../../rules/approval/evaluate-matrix.ts';
import type {
  Authorities,
  Delegation,
  Person,
  PriorAct,
  Seat,
} from '../../../rules/approval/may-decide.ts';
import type { ApprovalMatrix } from '../../../rules/policy/approval-matrix.ts';
import { readEvent, readFacts, type EventJson, type FactsJson } from '../approval-json.ts';
import type { Ledger } from '../connect.ts';

/** How an approval stands, for the process that waits for it. */
export interface ApprovalStanding {
  /** Whether this step changed something. */
  readonly applied: boolean;
  readonly state: string;
  readonly run: number;
  readonly openLevels: readonly number[];
  /** Who asked: they decide nothing. */
  readonly requesters: readonly string[];
  /** Who has had a say in this run. */
  readonly decided: readonly string[];
  /** Who did something that the policy separates from deciding it, and why that bars them. */
  readonly separated: readonly { readonly by: string; readonly text: string }[];
  /** Null while it is open; `by` null where a deadline closed it. */
  readonly closing: ApprovalClosing | null;
  readonly dueId: string | null;
  /** `remindApproval`, `escalateApproval`, `expireApproval`, `resumeApproval`, or `lookApproval` at an absence. */
  readonly nextStep: string | null;
  readonly waitSeconds: number | null;
}

export interface ApprovalClosing {
  readonly by: string | null;
  readonly onBehalfOf: string | null;
  /** RFC 3339. */
  readonly at: string;
  readonly cause: 'decision' | 'expiry' | 'withdrawal' | 'automatic';
}

/** What somebody said, as it was stored; `resubmit` brings back what was returned. */
export type ApprovalWord =
  | { readonly kind: 'decide'; readonly decision: 'approve' | 'reject' }
  | { readonly kind: 'ask-information'; readonly askee: string }
  | { readonly kind: 'give-information' | 'return-for-change' }
  | { readonly kind: 'reassign'; readonly seat: Seat; readonly to: string }
  | { readonly kind: 'comment' | 'withdraw' | 'resubmit' };

/** A stored word with who said it, of what they saw. */
export type StoredWord = ApprovalWord & {
  readonly by: string;
  readonly run: number;
  readonly level: number;
  readonly note: string | null;
  /** Business time and the clock of whoever heard it, milliseconds since 1970. */
  readonly occurredAtMs: number;
  readonly heardAtMs: number | null;
};

/** The stored answer to a word. */
export interface SettledWord {
  readonly applied: boolean;
  readonly state: string;
  readonly closing: ApprovalClosing | null;
}

/** Everything by which an approval is judged. */
export interface ApprovalCase {
  readonly approval: {
    readonly id: string;
    readonly subjectKind: string;
    readonly subjectId: string;
    readonly processId: string;
    readonly state: string;
    readonly wantedBy: string | null;
    readonly requestedAtMs: number;
    /** The business time that the subject has reached. */
    readonly businessMs: number;
  };
  readonly sequence: number;
  readonly events: readonly ApprovalEvent[];
  readonly matrix: {
    readonly version: string;
    /** Its rows only where they were asked for. */
    readonly document: Omit<ApprovalMatrix, 'rows'> & Partial<Pick<ApprovalMatrix, 'rows'>>;
  };
  readonly authorities: Authorities;
  readonly priorActs: readonly PriorAct[];
  readonly word: StoredWord | null;
  readonly outcome: SettledWord | null;
  /** The deadline that is waited for, and its step; null when none is. */
  readonly dueId: string | null;
  readonly dueAtMs: number | null;
  readonly dueStep: string | null;
  /** When somebody who might decide will be away. */
  readonly nextAbsenceMs: number | null;
  readonly factsToday: ApprovalFacts;
  readonly standing: ApprovalStanding;
}

type PersonJson = Omit<Person, 'amountLimitMinor'> & { readonly amountLimitMinor: string | null };
type DelegationJson = Omit<Delegation, 'limitMinor'> & { readonly limitMinor: string | null };

interface CaseJson extends Omit<
  ApprovalCase,
  'events' | 'authorities' | 'priorActs' | 'factsToday'
> {
  readonly events: readonly EventJson[];
  readonly people: readonly PersonJson[];
  readonly delegations: readonly DelegationJson[];
  readonly acts: readonly PriorAct[];
  readonly factsToday: FactsJson;
}

/**
 * The case of an approval, from one snapshot; `people` are further ids that matter, `at` is the clock by
 * which delegations and absences are judged, `dueId` a deadline that has been reached: its time is the present one
 * then. Errors: NotFound.
 */
export async function readApprovalCase(
  ledger: Ledger,
  request: {
    approvalId: string;
    decisionId?: string | undefined;
    actor?: string | undefined;
    people?: readonly string[] | undefined;
    at?: string | undefined;
    dueId?: string | undefined;
    rows?: boolean | undefined;
  },
): Promise<ApprovalCase> {
  const { events, people, delegations, acts, factsToday, ...rest } = await ledger.call<CaseJson>(
    'read_approval_case',
    request,
  );
  return {
    ...rest,
    events: events.map(readEvent),
    authorities: {
      people: people.map((person) => ({
        ...person,
        amountLimitMinor: minor(person.amountLimitMinor),
      })),
      delegations: delegations.map((delegation) => ({
        ...delegation,
        limitMinor: minor(delegation.limitMinor),
      })),
    },
    priorActs: acts,
    factsToday: readFacts(factsToday),
  };
}

/** A word as the rules judge it; undefined for one that brings back what was returned. */
export function commandOf(
  word: ApprovalWord & { readonly by: string; readonly run: number; readonly level: number },
): ApprovalCommand | undefined {
  const { by, run, level } = word;
  switch (word.kind) {
    case 'decide':
      return { kind: word.kind, by, run, level, decision: word.decision };
    case 'ask-information':
      return { kind: word.kind, by, run, level, askee: word.askee };
    case 'reassign':
      return { kind: word.kind, by, run, level, seat: word.seat, to: word.to };
    case 'give-information':
    case 'return-for-change':
      return { kind: word.kind, by, run, level };
    case 'comment':
    case 'withdraw':
      return { kind: word.kind, by };
    case 'resubmit':
      return undefined;
  }
}

function minor(text: string | null): bigint | null {
  return text === null ? null : BigInt(text);
}

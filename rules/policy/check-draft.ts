import type { z } from 'zod';
import { ROLE_NAMES } from '../access/roles.ts';
import { mappingTroubles } from './account-mapping.ts';
import { RESERVED_SUBJECTS, type ApprovalMatrix } from './approval-matrix.ts';
import { DEFAULT_EXCEPTION_CATALOGUE } from './default-exception-catalogue.ts';
import { POLICY_SCHEMAS, type PolicyDocument, type PolicyName } from './documents.ts';
import type { ExceptionPolicy } from './exception-catalogue.ts';
import { REASON_CODES } from './reason-codes.ts';

/** A field of a document and what is wrong with it. */
export type DraftIssue = z.core.$ZodIssue;

export type CheckedDraft =
  | { readonly document: PolicyDocument }
  | { readonly issues: readonly DraftIssue[] };

/** Whether a policy can say something else for a channel, for a region. */
export const POLICY_SCOPES: Readonly<
  Record<PolicyName, { readonly channel: boolean; readonly region: boolean }>
> = {
  sourcing: { channel: true, region: true },
  cutoffs: { channel: true, region: true },
  screening: { channel: true, region: true },
  return: { channel: true, region: true },
  'refund-timing': { channel: true, region: true },
  // Goods are ordered and corrected at a node, which stands in a region.
  replenishment: { channel: false, region: true },
  adjustment: { channel: false, region: true },
  'finance-entry': { channel: false, region: false },
  'reason-codes': { channel: true, region: true },
  // A posting is of the whole business.
  'account-mapping': { channel: false, region: false },
  exceptions: { channel: true, region: true },
  'approval-matrix': { channel: true, region: true },
};

/**
 * Reads the document of a draft: of its type, without fields that nobody knows, and with roles, accounts, kinds
 * of exceptions, actions and causes that there are. Whoever is asked and does not exist answers nobody, and trouble that the catalogue
 * has forgotten cannot be raised.
 */
export function checkDraft(policy: PolicyName, document: unknown): CheckedDraft {
  const read = POLICY_SCHEMAS[policy].strict().safeParse(document);
  if (!read.success) return { issues: read.error.issues };
  const issues = [...issuesOf(policy, read.data)];
  return issues.length > 0 ? { issues } : { document: read.data };
}

const ROLES: ReadonlySet<string> = new Set(ROLE_NAMES);

function* issuesOf(policy: PolicyName, document: PolicyDocument): Generator<DraftIssue> {
  if ('approvalRole' in document) yield* unknownRoles(['approvalRole'], [document.approvalRole]);
  if (policy === 'reason-codes' && 'return' in document && !('unspecified' in document.return))
    yield issue(['return'], 'unspecified is what is meant where no reason is given, so it stays');
  if (policy === 'approval-matrix' && 'rows' in document) yield* matrixIssues(document);
  if (policy === 'account-mapping' && 'numbers' in document) {
    for (const { account, message } of mappingTroubles(document))
      yield issue(['numbers', account], message);
  }
  if (policy === 'exceptions' && 'kinds' in document) yield* catalogueIssues(document);
}

/** Code raises the kinds and carries the actions out, so the catalogue can leave out actions and add neither. */
function* catalogueIssues({ kinds }: ExceptionPolicy): Generator<DraftIssue> {
  const raised = DEFAULT_EXCEPTION_CATALOGUE.kinds;
  for (const kind of Object.keys(raised)) {
    if (!Object.hasOwn(kinds, kind))
      yield issue(['kinds', kind], 'is raised, so it needs an entry');
  }
  for (const [kind, { actions, rootCauses }] of Object.entries(kinds)) {
    const offered = raised[kind]?.actions;
    if (offered === undefined) yield issue(['kinds', kind], 'is raised by nothing');
    for (const action of actions) {
      if (offered?.includes(action) === false)
        yield issue(
          ['kinds', kind, 'actions'],
          `${action} is not carried out for it; there are ${offered.join(', ')}`,
        );
    }
    for (const cause of rootCauses) {
      if (!ROOT_CAUSES.has(cause))
        yield issue(
          ['kinds', kind, 'rootCauses'],
          `${cause} is no reason code of the subject exception`,
        );
    }
  }
}

const ROOT_CAUSES: ReadonlySet<string> = new Set(
  REASON_CODES.flatMap((reason) => (reason.subject === 'exception' ? [reason.reason_code] : [])),
);

function* matrixIssues({ rows, calendars, reassignRoles }: ApprovalMatrix): Generator<DraftIssue> {
  for (const [at, { subject, levels }] of rows.entries()) {
    if (levels.length > 0 && RESERVED_SUBJECTS.includes(subject)) {
      yield issue(
        ['rows', at, 'subject'],
        `${subject} is reserved: nothing asks for it yet, so nobody would be asked; leave its levels empty`,
      );
    }
    for (const [place, { roles, escalateTo }] of levels.entries()) {
      const path = ['rows', at, 'levels', place];
      yield* unknownRoles([...path, 'roles'], roles);
      yield* unknownRoles([...path, 'escalateTo', 'roles'], escalateTo?.roles ?? []);
    }
  }
  for (const [name, { roles }] of Object.entries(calendars)) {
    yield* unknownRoles(['calendars', name, 'roles'], roles);
  }
  yield* unknownRoles(['reassignRoles'], reassignRoles);
}

function* unknownRoles(path: PropertyKey[], roles: readonly string[]): Generator<DraftIssue> {
  for (const role of roles) {
    if (!ROLES.has(role))
      yield issue(path, `${role} is no role; there are ${ROLE_NAMES.join(', ')}`);
  }
}

function issue(path: PropertyKey[], message: string): DraftIssue {
  return { code: 'custom', path, message, input: undefined };
}

import type { PolicyDraft } from '../activities/ledger/read/policies.ts';
import { ROLE_NAMES, scopesOf } from '../rules/access/roles.ts';
import type { ApprovalMatrix } from '../rules/policy/approval-matrix.ts';
import { checkDraft, POLICY_SCOPES } from '../rules/policy/check-draft.ts';
import { diffInWords, scopeInWords } from '../rules/policy/diff-in-words.ts';
import {
  isPolicyName,
  POLICY_SCHEMAS,
  type PolicyDocument,
  type PolicyName,
} from '../rules/policy/documents.ts';
import { Failure } from '../activities/failures.ts';
import { requirementOf, ROUTE_ACCESS } from './access/route-access.ts';
import { fieldErrors, type FieldError } from './problem.ts';

/** The policy of that name. Throws NotFound. */
export function policyNamed(name: string): PolicyName {
  if (isPolicyName(name)) return name;
  throw new Failure('NotFound', `Policy ${name} does not exist`);
}

/** The document of a draft, or the fields at fault. */
export function readDocument(
  policy: PolicyName,
  { document, channel, region }: { document: unknown; channel: string; region: string },
): { readonly document: PolicyDocument } | { readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = [];
  const scopes = POLICY_SCOPES[policy];
  for (const [path, value] of [
    ['channel', channel],
    ['region', region],
  ] as const) {
    if (value !== '*' && !scopes[path])
      errors.push({ path, message: `the policy ${policy} is the same for every ${path}` });
  }
  const checked = checkDraft(policy, document);
  if ('issues' in checked) {
    const inBody = checked.issues.map((issue) => ({ ...issue, path: ['document', ...issue.path] }));
    errors.push(...fieldErrors(inBody));
  }
  if ('document' in checked && 'rows' in checked.document) {
    errors.push(...powerlessDeciders(checked.document));
  }
  return 'document' in checked && errors.length === 0 ? checked : { errors };
}

/** Roles that a matrix asks and that may not decide such a thing: whoever waits for them waits in vain. */
function* powerlessDeciders({ rows }: ApprovalMatrix): Generator<FieldError> {
  const access = ROUTE_ACCESS['POST /v1/approvals/{id}/decisions'];
  if (access?.guard !== 'scope') return;
  for (const [at, { subject, levels }] of rows.entries()) {
    const scope = requirementOf(access, subject)?.scope;
    for (const [place, { roles, escalateTo }] of levels.entries()) {
      for (const role of ROLE_NAMES) {
        const isAsked = roles.includes(role) || escalateTo?.roles.includes(role) === true;
        if (!isAsked || (scope !== undefined && scopesOf([role]).includes(scope))) continue;
        yield {
          path: `document.rows[${at}].levels[${place}]`,
          message: `the role ${role} may not decide on it: it has no ${scope ?? 'scope for that'}`,
        };
      }
    }
  }
}

/** A draft as the API shows it: with what it changes, in words. */
export function draftView(draft: PolicyDraft) {
  return { ...draft, ...inWords(draft) };
}

/** What a draft says, and of which version it is a change. */
export type DraftContent = Pick<
  PolicyDraft,
  'policy' | 'draftId' | 'channel' | 'region' | 'base'
> & {
  readonly document: unknown;
  readonly followedBy?: PolicyDraft['followedBy'];
  readonly simulation?: PolicyDraft['simulation'];
};

/** Where a draft would hold, what it changes and until when, in words. */
export function inWords({
  policy,
  document,
  base,
  channel,
  region,
  followedBy = [],
}: DraftContent): {
  readonly scope: string;
  readonly changes: readonly string[];
} {
  const schema = POLICY_SCHEMAS[policy];
  const [before, after] = [schema.parse(base.document), schema.parse(document)];
  const changes = diffInWords(policy, before, after, base.currency);
  const [next] = followedBy;
  if (next !== undefined && changes.length > 0)
    changes.push(
      `This holds until ${next.effectiveFrom}: version ${next.version}, which is to come already, takes its place then.`,
    );
  return { scope: scopeInWords(channel, region), changes };
}

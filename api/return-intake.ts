import type { Ledger } from '../activities/ledger/connect.ts';
import {
  requestReturn,
  type ReturnRequestDecision,
} from '../activities/ledger/intake/request-return.ts';
import {
  readReturnSnapshot,
  type RequestAnswer,
  type ReturnContent,
  type ReturnSnapshot,
} from '../activities/ledger/read/return.ts';
import type { ApprovalAsk } from '../rules/approval/ask-approval.ts';
import { refundTimingPolicy, returnPolicy } from '../rules/policy/documents.ts';
import { approveReturn } from '../rules/return/approve-return.ts';
import { decideReturn, type ReturnDecision } from '../rules/return/decide-return.ts';
import { matchCover, type RequestedLine } from '../rules/return/match-cover.ts';
import { priceParts, type PricedPart } from '../rules/return/price-parts.ts';
import { timeRefund } from '../rules/return/time-refund.ts';
import type { FieldError } from './problem.ts';
import type { ReturnRequest } from './return-schemas.ts';

/** How often a return is judged anew because its sales changed meanwhile. */
const MAX_ROUNDS = 5;

/** What the caller is told: the ledger's answer, the field at fault, or that the sales keep changing. */
export type ReturnResult =
  | RequestAnswer
  | { readonly outcome: 'invalid'; readonly error: FieldError }
  | { readonly outcome: 'stale' };

type Invalid = Extract<ReturnResult, { outcome: 'invalid' }>;

/**
 * Reads the facts, lets the rules match and judge, and stores the return; again when the sales changed
 * meanwhile. Idempotent by channel + reference. Errors: InvalidInput, IdempotencyMismatch.
 */
export async function takeReturn(
  ledger: Ledger,
  incoming: { request: ReturnRequest; reference: string | undefined; now: string; actor: string },
): Promise<ReturnResult> {
  const content = contentOf(incoming.request, incoming.reference);
  if ('outcome' in content) return content;
  const requestedAt = content.occurredAt ?? incoming.now;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const snapshot = await readReturnSnapshot(ledger, { request: content, requestedAt });
    if (snapshot.known !== null) return snapshot.known;
    const decision = judge(content, snapshot, { requestedAt, actor: incoming.actor });
    if ('error' in decision) return decision;
    const answer = await requestReturn(ledger, {
      request: content,
      decision,
      actor: incoming.actor,
    });
    if (answer.outcome !== 'stale') return answer;
  }
  return { outcome: 'stale' };
}

function invalid(path: string, message: string): Invalid {
  return { outcome: 'invalid', error: { path, message } };
}

/** What the caller said, in the ledger's words; what is left out was not said. */
function contentOf(request: ReturnRequest, reference: string | undefined): ReturnContent | Invalid {
  const externalRef = request.externalRef ?? reference;
  if (externalRef === undefined)
    return invalid('externalRef', 'Name the return here or by the Idempotency-Key header');
  const ids = new Set<string>();
  const lines: object[] = [];
  for (const [index, { sku, orderLineId, ...line }] of request.lines.entries()) {
    const externalLineId = line.externalLineId ?? String(index + 1);
    if (ids.has(externalLineId))
      return invalid(`lines[${index}].externalLineId`, `${externalLineId} is used twice`);
    ids.add(externalLineId);
    const named = orderLineId === undefined ? {} : orderLineOf(orderLineId);
    if (named === undefined)
      return invalid(`lines[${index}].orderLineId`, 'must be <order id>#<line number>');
    lines.push(withoutUndefined({ ...line, externalLineId, code: sku, ...named }));
  }
  return withoutUndefined({ ...request, externalRef, lines }) as unknown as ReturnContent;
}

function withoutUndefined<Value extends object>(value: Value): Value {
  return Object.fromEntries(
    Object.entries(value).filter(([, part]) => part !== undefined),
  ) as Value;
}

function orderLineOf(orderLineId: string): { orderId: string; orderLineNo: number } | undefined {
  const match = /^(.{1,200})#(\d{1,6})$/.exec(orderLineId);
  return match?.[1] === undefined
    ? undefined
    : { orderId: match[1], orderLineNo: Number(match[2]) };
}

function judge(
  content: ReturnContent,
  snapshot: Extract<ReturnSnapshot, { known: null }>,
  asked: { readonly requestedAt: string; readonly actor: string },
): ReturnRequestDecision | Invalid {
  const lines = content.lines.map(({ orderId, orderLineNo, ...line }): RequestedLine =>
    orderId === undefined || orderLineNo === undefined
      ? line
      : { ...line, orderLine: { orderId, lineNo: orderLineNo } },
  );
  const priced = priceParts(lines, matchCover(lines, snapshot.sales));
  if ('missingPrice' in priced) {
    return invalid(
      `lines[${priced.missingPrice}].unitPrice`,
      'is needed: no sale covers all of this line',
    );
  }
  const early = priced.parts.find(({ sale }) => !snapshot.trusted && (sale?.ageDays ?? 0) < 0);
  if (early !== undefined) {
    return invalid('occurredAt', `lies before ${early.sale?.orderId ?? 'its sale'} was sent`);
  }
  const policies = new Map(
    Object.entries(snapshot.policies).map(([version, document]) => [
      Number(version),
      returnPolicy.parse(document),
    ]),
  );
  const policyVersion = versionOf(priced.parts, snapshot.policyVersion);
  const policy = policies.get(policyVersion);
  if (policy === undefined) throw new Error(`return policy ${policyVersion} was not read`);
  const reasonCodes = lines.map((line) => line.reasonCode);
  const { parts } = priced;
  const { trusted } = snapshot;
  const decision = decideReturn(policy, policies, { trusted, parts, reasonCodes });
  const { currency, channel, region, skuClasses, customerRisk, approvalMatrix } = snapshot;
  const approval = approveReturn(approvalMatrix, {
    decision,
    parts,
    reasonCodes,
    skuClasses,
    customerRisk,
    currency,
    channel,
    region,
    atMs: Date.parse(asked.requestedAt),
    actor: asked.actor,
  });
  return {
    requestedAt: asked.requestedAt,
    outcome: outcomeOf(decision, approval),
    refundTiming: timingOf(snapshot.refundTiming, decision, parts, reasonCodes),
    rule: decision.rule,
    reasons: decision.reasons,
    policyVersion,
    amountMinor: decision.amountMinor.toString(),
    approval,
    parts: parts.flatMap((part) => partOf(part, lines[part.line])),
  };
}

/** When the money goes back: by what comes back, and why. */
function timingOf(
  { version, document }: Extract<ReturnSnapshot, { known: null }>['refundTiming'],
  { amountMinor }: ReturnDecision,
  parts: readonly PricedPart[],
  reasons: readonly string[],
): NonNullable<ReturnRequestDecision['refundTiming']> {
  const coming = parts.filter(({ cover }) => cover !== 'cancelled');
  const reasonCodes = coming.map(({ line }) => reasons[line] ?? 'unspecified');
  return {
    ...timeRefund(refundTimingPolicy.parse(document), { amountMinor, reasonCodes }),
    version,
  };
}

/** A return waits for whoever the matrix asks; where it asks nobody, there is nobody to wait for. */
function outcomeOf(
  { outcome }: ReturnDecision,
  approval: ApprovalAsk | null,
): ReturnDecision['outcome'] {
  if (outcome === 'refused') return outcome;
  return approval === null ? 'authorized' : 'in-review';
}

/** The version that the sales were made under, where it is one; else the one in force. */
function versionOf(parts: readonly PricedPart[], inForce: number): number {
  const versions = new Set(parts.map(({ sale }) => sale?.policyVersion ?? inForce));
  const [only] = versions;
  return versions.size === 1 && only !== undefined ? only : inForce;
}

function partOf(
  part: PricedPart,
  line: RequestedLine | undefined,
): ReturnRequestDecision['parts'][number][] {
  if (line === undefined) return [];
  const { externalLineId, kind, code, reasonCode, sourceRef } = line;
  return [
    {
      externalLineId,
      kind,
      code,
      cover: part.cover,
      ...(part.sale === undefined
        ? {}
        : { orderId: part.sale.orderId, orderLineNo: part.sale.lineNo }),
      quantity: part.quantity,
      unitPrice: part.unitPrice,
      amountMinor: part.amountMinor === null ? null : part.amountMinor.toString(),
      taxMinor: part.taxMinor.toString(),
      belowMinor: part.belowMinor,
      reasonCode,
      ...(sourceRef === undefined ? {} : { sourceRef }),
    },
  ];
}

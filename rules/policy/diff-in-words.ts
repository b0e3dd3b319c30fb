import { diffApprovalMatrix } from './diff-approval-matrix.ts';
import type { ApprovalMatrix } from './approval-matrix.ts';
import type { PolicyDocument, PolicyName } from './documents.ts';
import type { ExceptionKind, ExceptionPolicy } from './exception-catalogue.ts';
import { isSame } from './is-same.ts';
import { SETTING_WORDS, type FieldWords } from './policy-words.ts';
import { changeSentence, countText, listText } from './value-words.ts';

/**
 * What a document changes against another one of the same policy, as sentences: every difference is in one of
 * them, and equal documents give none. Amounts are told in `currency`, the base currency.
 */
export function diffInWords(
  policy: PolicyName,
  before: PolicyDocument,
  after: PolicyDocument,
  currency: string,
): string[] {
  const sentences = sentencesOf(policy, before, after, currency);
  if (sentences.length > 0 || isSame(before, after)) return sentences;
  return ['Something changes that there are no words for: compare the documents themselves.'];
}

function sentencesOf(
  name: PolicyName,
  before: PolicyDocument,
  after: PolicyDocument,
  currency: string,
): string[] {
  switch (name) {
    case 'exceptions':
      return diffExceptions(before as ExceptionPolicy, after as ExceptionPolicy);
    case 'approval-matrix':
      return diffApprovalMatrix(before as ApprovalMatrix, after as ApprovalMatrix, currency);
    case 'sourcing':
    case 'cutoffs':
    case 'screening':
    case 'return':
    case 'refund-timing':
    case 'replenishment':
    case 'adjustment':
    case 'finance-entry':
    case 'reason-codes':
    case 'account-mapping':
      return diffSettings(SETTING_WORDS[name], before, after, currency);
  }
}

function diffSettings(
  words: Readonly<Record<string, FieldWords>>,
  before: object,
  after: object,
  currency: string,
): string[] {
  return namesOf(before, after).flatMap((name) => {
    const [was, is] = [fieldOf(before, name), fieldOf(after, name)];
    if (isSame(was, is)) return [];
    // A setting of another release may be in an old document and in nobody's words.
    const said = words[name] ?? { name: `the setting ${name}`, measure: 'text' };
    return [changeSentence(said, was, is, currency)];
  });
}

const KIND_WORDS: Readonly<Record<keyof ExceptionKind, FieldWords>> = {
  owner: { name: 'the team that owns it', measure: 'text' },
  severity: { name: 'its severity', measure: 'text' },
  slaHours: { name: 'the time to settle it', measure: 'hours' },
  slaHoursByClass: { name: 'the time to settle it by class of order', measure: 'hours-by-name' },
  actions: { name: 'the actions offered', measure: 'list' },
  rootCauses: { name: 'the causes to choose from', measure: 'list' },
  snoozeHours: { name: 'the time that it may be put off at once', measure: 'hours' },
  reopenHours: { name: 'the time in which it counts as the same trouble again', measure: 'hours' },
  escalateTo: { name: 'the team that is told when it is overdue', measure: 'text' },
};

const BOARD_WORDS: Readonly<Record<Exclude<keyof ExceptionPolicy, 'kinds'>, FieldWords>> = {
  snoozes: { name: 'how often an exception may be put off', measure: 'number' },
  escalateEveryHours: { name: 'the time between two escalations', measure: 'hours' },
  escalations: { name: 'how often an exception is escalated', measure: 'number' },
};

/** No amounts occur among exceptions, so the currency does not matter. */
function diffExceptions(before: ExceptionPolicy, after: ExceptionPolicy): string[] {
  const { kinds: was, ...boardBefore } = before;
  const { kinds: is, ...boardAfter } = after;
  const kinds = namesOf(was, is).flatMap((name) => {
    const [old, now] = [was[name], is[name]];
    const what = `Exceptions “${name}”`;
    if (now === undefined)
      return old === undefined ? [] : [`${what} are taken away: ${tellKind(old)}.`];
    if (old === undefined) return [`${what} are new: ${tellKind(now)}.`];
    return diffSettings(KIND_WORDS, old, now, '').map((sentence) => `${what}: ${sentence}`);
  });
  return [...kinds, ...diffSettings(BOARD_WORDS, boardBefore, boardAfter, '')];
}

function tellKind({ owner, severity, slaHours, actions }: ExceptionKind): string {
  return `owned by ${owner}, severity ${severity}, to be settled within ${countText(slaHours, 'hour')} by ${listText(actions)}`;
}

function namesOf(one: object, other: object): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])];
}

function fieldOf(document: object, name: string): unknown {
  return Object.hasOwn(document, name) ? Reflect.get(document, name) : undefined;
}

/** Where a document holds, as part of a sentence. */
export function scopeInWords(channel: string, region: string): string {
  const where = region === '*' ? [] : [`in ${region}`];
  const how = channel === '*' ? [] : [`on the channel ${channel}`];
  return [...how, ...where].join(' ') || 'everywhere';
}

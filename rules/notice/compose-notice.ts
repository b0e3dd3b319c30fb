import { NOTICE_KINDS, type NoticeKind } from './notice-kinds.ts';

/** What a notice tells; texts that the ledger wrote, and instants in milliseconds since 1970. */
export interface NoticeFacts {
  /** In words: a refund, a purchase order, a kind of trouble. */
  readonly what: string;
  readonly subjectId: string;
  /** `120.50 GBP`; null where there is no amount. */
  readonly amount: string | null;
  /** Who asked or acted; null for the process itself. */
  readonly by: string | null;
  /** Why it is so: the row of the matrix, what was asked, what was said. */
  readonly reason: string | null;
  readonly dueAtMs: number | null;
  /** How it ended; null as long as it has not. */
  readonly outcome: string | null;
}

/** Something that happened, and the item that a person opens to see it. */
export interface Notice {
  readonly kind: NoticeKind;
  /** The id of an approval or exception. */
  readonly itemId: string;
  readonly facts: NoticeFacts;
}

/** How a mail is written for one person. */
export interface Reader {
  /** IANA name; times are told in it. */
  readonly timeZone: string;
  /** Where people reach the API, without a slash at its end. */
  readonly publicUrl: string;
}

export interface ComposedMail {
  /** One line. */
  readonly subject: string;
  readonly body: string;
}

const MAX_LINE = 200;
const MAX_REASON = 2_000;
/** More would not be read; the board and the list have them all. */
const MAX_DIGEST_LINES = 100;

const PATHS: Readonly<Record<string, string>> = {
  approval: '/v1/approvals/',
  exception: '/v1/exceptions/',
};

/** One notice as a mail of its own. The link opens the item: whoever follows it has decided nothing. */
export function composeNoticeMail(notice: Notice, reader: Reader): ComposedMail {
  const { amount, by, reason, dueAtMs, outcome } = notice.facts;
  const lines = [
    NOTICE_KINDS[notice.kind].meaning,
    '',
    ...line('What', `${notice.facts.what} of ${notice.facts.subjectId}`),
    ...line('Amount', amount),
    ...line('By', by),
    ...line('Outcome', outcome),
    ...line('Due', dueAtMs === null ? null : timeText(dueAtMs, reader.timeZone)),
    ...line('Reason', reason, MAX_REASON),
    '',
    ...linkTo(notice.itemId, reader),
  ];
  return { subject: headline(notice), body: `${lines.join('\n').trimEnd()}\n` };
}

/** The notices of a day as one mail: oldest first within their kind, kinds in the order of the table. */
export function composeDigest(notices: readonly Notice[], reader: Reader): ComposedMail {
  const shown = notices.slice(0, MAX_DIGEST_LINES);
  const parts = Object.keys(NOTICE_KINDS).flatMap((kind) => {
    const own = shown.filter((notice) => notice.kind === kind);
    if (own.length === 0) return [];
    const lines = own.flatMap((notice) => [
      `- ${headline(notice)}`,
      ...linkTo(notice.itemId, reader).map((link) => `  ${link}`),
    ]);
    return [[NOTICE_KINDS[kind as NoticeKind].meaning, '', ...lines].join('\n')];
  });
  const left = notices.length - shown.length;
  if (left > 0) parts.push(`And ${left} more.`);
  const count = notices.length === 1 ? '1 notice' : `${notices.length} notices`;
  return { subject: `Loopline: ${count}`, body: `${parts.join('\n\n')}\n` };
}

/** The mail's subject. What people wrote may hold line breaks, which would begin headers of their own. */
function headline({ kind, facts }: Notice): string {
  const values: Readonly<Record<string, string | number | null>> = { ...facts };
  const filled = NOTICE_KINDS[kind].headline.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
    String(values[name] ?? '–'),
  );
  return oneLine(filled, MAX_LINE);
}

function line(name: string, value: string | null, longest = MAX_LINE): string[] {
  return value === null || value === '' ? [] : [`${name}: ${oneLine(value, longest)}`];
}

/** Runs of white space and control characters become one space. */
function oneLine(text: string, longest: number): string {
  const single = text.replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return single.length <= longest ? single : `${single.slice(0, longest - 1)}…`;
}

function linkTo(itemId: string, { publicUrl }: Reader): string[] {
  const path = PATHS[itemId.split(':', 1)[0] ?? ''];
  return path === undefined ? [] : [`${publicUrl}${path}${encodeURIComponent(itemId)}`];
}

function timeText(atMs: number, timeZone: string): string {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    dateStyle: 'medium',
    timeStyle: 'short',
  });
  return `${clock.format(atMs)} (${timeZone})`;
}

/** How a notice reaches a person: by itself, in the next digest, or not at all. */
export const NOTICE_CHANNELS = ['mail', 'digest', 'none'] as const;

export type NoticeChannel = (typeof NOTICE_CHANNELS)[number];

interface NoticeKindDocument {
  /** What has happened, for whoever chooses the channel. */
  readonly meaning: string;
  /** Where it goes as long as the person has said nothing. */
  readonly channel: NoticeChannel;
  /** The subject of the mail and its line in a digest; `{name}` is filled in from the notice's facts. */
  readonly headline: string;
}

/** Every kind of notice to people and programs. Whoever has to act is told at once, everybody else once a day. */
export const NOTICE_KINDS = {
  'approval-requested': {
    meaning: 'You are asked for a decision.',
    channel: 'mail',
    headline: 'Decision asked: {what} of {subjectId}',
  },
  'approval-reminder': {
    meaning: 'A decision that you are asked for is still open.',
    channel: 'mail',
    headline: 'Still open: {what} of {subjectId}',
  },
  'approval-escalated': {
    meaning: 'Nobody decided in time, and it is your turn.',
    channel: 'mail',
    headline: 'Overdue and now yours: {what} of {subjectId}',
  },
  'approval-question': {
    meaning: 'Whoever decides asks you for information.',
    channel: 'mail',
    headline: 'A question about {what} of {subjectId}',
  },
  'approval-answered': {
    meaning: 'The information that a decision waited for is there.',
    channel: 'mail',
    headline: 'Answered: {what} of {subjectId}',
  },
  'approval-returned': {
    meaning: 'What you asked for came back to be changed.',
    channel: 'mail',
    headline: 'Returned to you for a change: {what} of {subjectId}',
  },
  'approval-closed': {
    meaning: 'What you asked for was decided, or has expired.',
    channel: 'digest',
    headline: '{outcome}: {what} of {subjectId}',
  },
  'exception-urgent': {
    meaning: 'Trouble of high severity is on the board, and your role owns it.',
    channel: 'mail',
    headline: 'Urgent: {what} of {subjectId}',
  },
  'exception-raised': {
    meaning: 'Trouble of lower severity is on the board, and your role owns it.',
    channel: 'digest',
    headline: 'On the board: {what} of {subjectId}',
  },
  'exception-assigned': {
    meaning: 'Somebody has given you an entry of the board.',
    channel: 'mail',
    headline: 'Yours on the board: {what} of {subjectId}',
  },
  'exception-escalated': {
    meaning: 'Trouble has not been settled in time, and it is your turn.',
    channel: 'mail',
    headline: 'Overdue on the board: {what} of {subjectId}',
  },
} as const satisfies Readonly<Record<string, NoticeKindDocument>>;

export type NoticeKind = keyof typeof NOTICE_KINDS;

export const NOTICE_KIND_NAMES = Object.keys(NOTICE_KINDS) as [NoticeKind, ...NoticeKind[]];

/** Whether this version knows a kind of that name. */
export function isNoticeKind(name: string): name is NoticeKind {
  return Object.hasOwn(NOTICE_KINDS, name);
}

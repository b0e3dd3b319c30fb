import { z } from 'zod';
import {
  NOTICE_CHANNELS,
  NOTICE_KIND_NAMES,
  NOTICE_KINDS,
  type NoticeChannel,
  type NoticeKind,
} from './notice-kinds.ts';

const minuteOfDay = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 21:30');

/** Local times between which no mail is sent; from 22:00 to 07:00 goes over midnight. */
const quietHours = z
  .strictObject({ from: minuteOfDay, to: minuteOfDay })
  .refine(({ from, to }) => from !== to, 'must not be the whole day: choose a channel instead');

/** How notices reach one person. */
export const noticePreference = z.strictObject({
  /** The channel of each kind. */
  kinds: z.record(z.enum(NOTICE_KIND_NAMES), z.enum(NOTICE_CHANNELS)),
  quietHours: quietHours.nullable(),
  /** IANA name, such as Europe/London; all times here are its local times. */
  timeZone: z.string().max(64).refine(isTimeZone, 'no time zone of that name'),
  /** The full hour at which the day's digest is sent. */
  digestHour: z.number().int().min(0).max(23),
});

export type NoticePreference = z.infer<typeof noticePreference>;

/** What holds for whoever has said nothing. */
export const DEFAULT_PREFERENCE: NoticePreference = {
  kinds: Object.fromEntries(
    NOTICE_KIND_NAMES.map((kind) => [kind, NOTICE_KINDS[kind].channel]),
  ) as Record<NoticeKind, NoticeChannel>,
  quietHours: null,
  timeZone: 'Europe/London',
  digestHour: 8,
};

/** The whole preference from what is stored of it, which may be older than a kind; null is nothing at all. */
export function completePreference(
  stored:
    | (Readonly<Omit<NoticePreference, 'kinds'>> & {
        readonly kinds: Readonly<Record<string, string | undefined>>;
      })
    | null,
): NoticePreference {
  if (stored === null) return DEFAULT_PREFERENCE;
  const kinds = Object.entries(stored.kinds).filter(
    ([kind, channel]) =>
      Object.hasOwn(NOTICE_KINDS, kind) && NOTICE_CHANNELS.includes(channel as NoticeChannel),
  );
  const { quietHours: quiet, timeZone, digestHour } = stored;
  return {
    kinds: { ...DEFAULT_PREFERENCE.kinds, ...Object.fromEntries(kinds) },
    quietHours: quiet,
    timeZone,
    digestHour,
  };
}

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).format(0) !== '';
  } catch {
    return false;
  }
}

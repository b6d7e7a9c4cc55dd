import type { Translate } from './i18n.js';
import type { Locale } from './message.js';
import type { BusinessHours, TenantSettings } from './settings.js';

/** Whether a business is open at one moment, in its own time zone. */
export type OpeningState =
  /** It never said when it is open. */
  | { readonly state: 'unknown' }
  /** `until` is local time, HH:MM; absent when it does not close within a day. */
  | { readonly state: 'open'; readonly until?: string }
  /** `opensNext` is absent when it does not open within a fortnight. */
  | { readonly state: 'closed'; readonly opensNext?: NextOpening };

/** Local date (YYYY-MM-DD) and time (HH:MM); `daysAway` is 0 for later today. */
export interface NextOpening {
  readonly daysAway: number;
  readonly date: string;
  readonly time: string;
}

export interface DayHours {
  readonly spans: readonly { readonly open: string; readonly close: string }[];
  /** Name of the holiday it is, or of what else is special about it. */
  readonly holiday?: string;
}

/** Reads the opening hours of a business for people. Pure. */
export interface OpeningHours {
  state(settings: Pick<TenantSettings, 'business_hours' | 'timezone'>, now: Date): OpeningState;
  /** What begins on a local date, spans over midnight in one piece; none when it is closed. */
  onDay(settings: Pick<TenantSettings, 'business_hours'>, date: string, locale?: Locale): DayHours;
  /** Date and time there, YYYY-MM-DD and HH:MM. */
  localTime(timezone: string, now: Date): { readonly date: string; readonly time: string };
  /** One line, e.g. `Monday–Friday 09:00–17:00; Saturday 09:00–13:00`. Empty when no day is set. */
  describe(hours: Pick<BusinessHours, 'days'>, locale: Locale): string;
  /** Whether it is open, as a sentence; `undefined` when it never said when it is. */
  sentence(
    settings: Pick<TenantSettings, 'business_hours' | 'timezone'>,
    now: Date,
    locale: Locale,
    t: Translate,
  ): string | undefined;
}

import type { Translate } from './i18n.js';
import type { Locale } from './message.js';
import type { BusinessHours, TenantSettings } from './settings.js';

/** Whether a business is open at one moment, in its own time zone. */
export type OpeningState =
  /** The business has set no hours. */
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
  /** Name of the holiday, or of another special day. */
  readonly holiday?: string;
}

/** Describes a business's opening hours for people. Pure. */
export interface OpeningHours {
  state(settings: Pick<TenantSettings, 'business_hours' | 'timezone'>, now: Date): OpeningState;
  /** The spans that begin on a local date, with spans over midnight in one piece; empty when closed. */
  onDay(settings: Pick<TenantSettings, 'business_hours'>, date: string, locale?: Locale): DayHours;
  /** Local date and time there, as YYYY-MM-DD and HH:MM. */
  localTime(timezone: string, now: Date): { readonly date: string; readonly time: string };
  /** One line, e.g. `Monday–Friday 09:00–17:00; Saturday 09:00–13:00`. Empty when no day is set. */
  describe(hours: Pick<BusinessHours, 'days'>, locale: Locale): string;
  /** Whether it is open, as a sentence; `undefined` if no hours are set. */
  sentence(
    settings: Pick<TenantSettings, 'business_hours' | 'timezone'>,
    now: Date,
    locale: Locale,
    t: Translate,
  ): string | undefined;
}

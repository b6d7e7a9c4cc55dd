import type { Locale } from '../../contracts/message.js';
import type { BusinessHours } from '../../contracts/settings.js';

type Spans = readonly { readonly open: string; readonly close: string }[];
type Hours = Pick<BusinessHours, 'holidays' | 'exceptions' | 'public_holidays'>;

/** A date with a name, or with hours that differ from its weekday's. */
export interface SpecialDay {
  readonly date: string;
  readonly name?: Readonly<Record<Locale, string>>;
  /** Names people use for it. */
  readonly names: readonly string[];
  /** `as-usual`: like any such weekday. */
  readonly hours: 'closed' | 'as-usual' | Spans;
}

/**
 * What is special about a date. The business's own entries come first: its exceptions, its holidays and its
 * corrections of public holidays; then the public holidays themselves.
 */
export function specialDay(hours: Hours, date: string): SpecialDay | undefined {
  const exception = hours.exceptions.find((each) => each.date === date);
  const holiday = hours.holidays.find((each) => each.date === date);
  const { enabled = false, days = [], corrections = [] } = hours.public_holidays ?? {};
  const open = enabled ? days.find((each) => each.date === date) : undefined;
  const correction = enabled ? corrections.find((each) => each.date === date) : undefined;
  if ([exception, holiday, open, correction].every((each) => each === undefined)) return undefined;
  const ownName = exception?.name ?? holiday?.name ?? correction?.name;
  const name = ownName === undefined ? open?.name : { en: ownName, id: ownName };
  return {
    date,
    ...(name === undefined ? {} : { name }),
    names: [ownName, open?.name.en, open?.name.id, open?.also].filter((each) => each !== undefined),
    hours:
      exception?.spans ?? (holiday === undefined && correction?.closed === false ? 'as-usual' : 'closed'),
  };
}

/** All special days from a date on, soonest first. */
export function specialDaysFrom(hours: Hours, date: string): readonly SpecialDay[] {
  const { enabled = false, days = [], corrections = [] } = hours.public_holidays ?? {};
  const dates = [...hours.exceptions, ...hours.holidays, ...(enabled ? [...days, ...corrections] : [])];
  return [...new Set(dates.map((each) => each.date))]
    .filter((each) => each >= date)
    .sort()
    .flatMap((each) => specialDay(hours, each) ?? []);
}

/** What a model sees of a date, all computed from the days since 1970-01-01. */
const DATE_PARTS = ['days', 'weekday', 'day of month', 'month', 'hour'] as const;
export type DatePart = (typeof DATE_PARTS)[number];

export function datePartsOf(hasTime: boolean): readonly DatePart[] {
  return hasTime ? DATE_PARTS : DATE_PARTS.filter((part) => part !== 'hour');
}

/** One part of a date; the artifact does the same arithmetic. Weekday 0 is Sunday. */
export function datePart(part: DatePart, days: number): number {
  if (Number.isNaN(days)) return Number.NaN;
  const day = Math.floor(days);
  switch (part) {
    case 'days':
      return days;
    case 'weekday':
      return (((day + 4) % 7) + 7) % 7;
    case 'day of month':
      return civil(day).day;
    case 'month':
      return civil(day).month;
    case 'hour':
      return Math.floor((days - day) * 24 + 0.01);
    default:
      return part satisfies never;
  }
}

/**
 * Converts days to a date in integer arithmetic: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
 */
function civil(days: number): { readonly day: number; readonly month: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  return { day, month: marchMonth < 10 ? marchMonth + 3 : marchMonth - 9 };
}

import { addDays } from '../../src/lib/calendar-words.js';
import { dayIn } from '../../src/lib/calendar.js';

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
/** Days that reports are asked for by name. */
const NAMED: readonly (readonly [RegExp, number])[] = [
  [/^(today|hari ini)$/, 0],
  [/^(yesterday|kemarin|kemaren|kmrn)$/, -1],
  [/^(last week|(minggu|pekan) (lalu|kemarin))$/, -7],
];

/** A day that has been, YYYY-MM-DD: as written, or by its name in either language. */
export function readDate(
  text: string,
  { now, timezone }: { readonly now: Date; readonly timezone: string },
): string | undefined {
  const written = text.trim().toLowerCase();
  if (ISO_DATE.test(written)) {
    const date = new Date(`${written}T00:00:00Z`);
    return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== written ? undefined : written;
  }
  const days = NAMED.find(([name]) => name.test(written))?.[1];
  return days === undefined ? undefined : addDays(dayIn(timezone, now), days);
}

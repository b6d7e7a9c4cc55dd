import { z } from 'zod';
import { defineTool } from '../define-tool.js';

const DAY_MS = 86_400_000;
const steps = z.int().min(-3_660).max(3_660).default(0);

/** Date arithmetic that a model would get wrong in its head. Dates are local, so time zones do not matter. */
export const dateMathTool = defineTool({
  name: 'date_math',
  description:
    'The date that is some days, weeks, months or years away from another one, with its weekday; or, with `until`, how many days lie between.',
  inputSchema: z.strictObject({
    date: z.iso.date(),
    days: steps,
    weeks: steps,
    months: steps,
    years: z.int().min(-300).max(300).default(0),
    until: z.iso.date().optional(),
  }),
  effect: 'read',
  run({ date, days, weeks, months, years, until }) {
    const moved = addDays(addMonths(date, months + 12 * years), days + 7 * weeks);
    return Promise.resolve({
      date: moved,
      weekday: weekdayOf(moved),
      ...(until === undefined
        ? {}
        : { until, until_weekday: weekdayOf(until), days_between: (utc(until) - utc(moved)) / DAY_MS }),
    });
  },
});

function utc(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}

function addDays(date: string, days: number): string {
  return new Date(utc(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** One month after 31 January is the last day of February. */
function addMonths(date: string, months: number): string {
  const from = new Date(utc(date));
  const first = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months, 1);
  const month = new Date(first);
  const last = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 0)).getUTCDate();
  month.setUTCDate(Math.min(from.getUTCDate(), last));
  return month.toISOString().slice(0, 10);
}

function weekdayOf(date: string): string {
  return new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(utc(date));
}

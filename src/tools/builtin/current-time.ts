import { z } from 'zod';
import type { Tool } from '../../contracts/tool.js';
import { openingHours } from '../../lib/time/opening-hours.js';

const inputSchema = z.strictObject({});

/** The date and time at the business, and whether it is open. */
export const currentTimeTool: Tool<z.output<typeof inputSchema>> = {
  name: 'current_time',
  description:
    'Tells the current date, weekday and time at the business, its opening hours, and whether it is open now, until when, or when it opens next.',
  inputSchema,
  effect: 'read',
  run(_input, { scope: { settings }, now }) {
    const { timezone, business_hours: hours } = settings;
    // The Swedish format is ISO 8601: 2024-01-31 09:05.
    const clock = new Intl.DateTimeFormat('sv', {
      timeZone: timezone,
      dateStyle: 'short',
      timeStyle: 'short',
    });
    const weekday = new Intl.DateTimeFormat('en', { timeZone: timezone, weekday: 'long' });
    const local = clock.format(now);
    const { holiday } = openingHours.onDay(settings, local.slice(0, 10));
    return Promise.resolve({
      now: local,
      weekday: weekday.format(now),
      timezone,
      opening_hours: openingHours.describe(hours, 'en'),
      opening: openingHours.state(settings, now),
      ...(holiday === undefined ? {} : { holiday }),
    });
  },
};

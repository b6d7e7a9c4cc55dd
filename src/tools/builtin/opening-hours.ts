import { z } from 'zod';
import { openingHours } from '../../lib/time/opening-hours.js';
import { momentAt } from '../../lib/time/moment-at.js';
import { defineTool } from '../define-tool.js';

/** Whether the business is open at a time other than now. */
export const openingHoursTool = defineTool({
  name: 'opening_hours',
  description: 'Tells whether the business is open on a date at a time, both as at the business.',
  inputSchema: z.strictObject({ date: z.iso.date(), time: z.iso.time({ precision: -1 }) }),
  effect: 'read',
  run({ date, time }, { scope: { settings } }) {
    const { business_hours: hours, timezone } = settings;
    const { holiday, spans } = openingHours.onDay(settings, date);
    return Promise.resolve({
      date,
      time,
      timezone,
      opening: openingHours.state(settings, momentAt(date, time, timezone)),
      open_on_that_day: spans,
      opening_hours: openingHours.describe(hours, 'en'),
      ...(holiday === undefined ? {} : { holiday }),
    });
  },
});

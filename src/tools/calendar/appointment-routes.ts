import { z } from 'zod';
import type { Clock } from '../../contracts/runtime.js';
import { listSchema, timeSchema } from '../../lib/api/fields.js';
import { wholeList } from '../../lib/api/page.js';
import { defineRoute, type Route } from '../../lib/api/route.js';
import { momentAt } from '../../lib/time/moment-at.js';
import { openingHours } from '../../lib/time/opening-hours.js';
import { appointmentStore } from './appointment-store.js';
import { addDays, clockOf } from './free-times.js';
import { icalOf } from './ical.js';

const DAYS_SHOWN = 31;
const query = z.strictObject({
  from: z.iso.date().optional().describe('First day; absent: today'),
  to: z.iso.date().optional().describe('Last day; absent: a month later'),
});
const appointmentSchema = z.object({
  id: z.string(),
  contact_id: z.string(),
  subject: z.string(),
  starts_at: timeSchema,
  ends_at: timeSchema,
  created_at: timeSchema,
});
const example = {
  id: 'appointment_5mQ0x7cWb2nVrT8sYkLd1A',
  contact_id: 'contact_5mQ0x7cWb2nVrT8sYkLd1A',
  subject: 'Fitting',
  starts_at: '2026-01-05T02:00:00.000Z',
  ends_at: '2026-01-05T03:00:00.000Z',
  created_at: '2026-01-02T02:00:00.000Z',
};

/** Appointments booked through the bot, for the calendars of the business. */
export function appointmentRoutes({ clock }: { readonly clock: Clock }): Route[] {
  const common = { auth: 'tenant', tag: 'appointments', method: 'GET', query } as const;
  return [
    defineRoute({
      ...common,
      path: '/v1/appointments',
      summary: 'List appointments',
      responses: {
        200: {
          description: 'Earliest first',
          schema: listSchema(appointmentSchema),
          example: { items: [example], next_cursor: null },
        },
      },
      async handler({ query: days, access: { scope } }) {
        const { timezone } = scope.settings;
        const [from, to] = daysOf(days, timezone, clock.now());
        return wholeList(await scope.store(appointmentStore).between(from, to), (each) => ({
          id: each.id,
          contact_id: each.contactId,
          subject: each.subject,
          starts_at: momentAt(each.date, clockOf(each.from), timezone).toISOString(),
          ends_at: momentAt(each.date, clockOf(each.to), timezone).toISOString(),
          created_at: each.createdAt.toISOString(),
        }));
      },
    }),
    defineRoute({
      ...common,
      path: '/v1/appointments/calendar.ics',
      summary: 'Get the appointments as a calendar file (iCalendar)',
      responses: { 200: { description: 'iCalendar (RFC 5545)', mediaType: 'text/calendar' } },
      async handler({ query: days, access: { scope } }) {
        const [from, to] = daysOf(days, scope.settings.timezone, clock.now());
        const text = icalOf(await scope.store(appointmentStore).between(from, to), scope.settings);
        return { type: 'text', contentType: 'text/calendar; charset=utf-8', text };
      },
    }),
  ];
}

function daysOf(
  { from, to }: z.output<typeof query>,
  timezone: string,
  now: Date,
): readonly [string, string] {
  const first = from ?? openingHours.localTime(timezone, now).date;
  return [first, to ?? addDays(first, DAYS_SHOWN)];
}

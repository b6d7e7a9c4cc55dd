import { z } from 'zod';
import type { Outreach } from '../../contracts/chat.js';
import type { I18n } from '../../contracts/i18n.js';
import type { Conversation, TenantScope } from '../../contracts/stores.js';
import { ToolError, type Tool, type ToolContext } from '../../contracts/tool.js';
import { escapeMarkdown } from '../../lib/text/escape-markdown.js';
import { derivedId } from '../../lib/ids/make-id.js';
import { momentAt } from '../../lib/time/moment-at.js';
import { openingHours } from '../../lib/time/opening-hours.js';
import { describeMoment } from '../../lib/time/when/index.js';
import { defineTool } from '../define-tool.js';
import { appointmentStore, type Appointment } from './appointment-store.js';
import { addDays, clockOf, freeTimes, isOpen, minuteOf } from './free-times.js';
import { icalOf } from './ical.js';

export interface AppointmentToolNeeds {
  readonly outreach: Outreach;
  readonly staffConversations: (
    scope: TenantScope,
    exceptContact: string,
  ) => Promise<readonly Conversation[]>;
  readonly i18n: Pick<I18n, 'translator'>;
}

const FURTHEST_DAYS = 366;
const minutes = z.int().min(5).max(480).default(60);
const appointment = {
  date: z.iso.date(),
  time: z.iso.time({ precision: -1 }).describe('HH:MM, as at the business'),
  minutes,
  subject: z.string().trim().min(1).max(200),
};

/**
 * Appointments within the opening hours. Off until the business enables them, because it must be prepared for
 * people to come.
 */
export function appointmentTools(needs: AppointmentToolNeeds): readonly Tool[] {
  return [proposeTimes(), listAppointments(), bookAppointment(needs), cancelAppointment(needs)];
}

function proposeTimes(): Tool {
  return defineTool({
    name: 'propose_times',
    description: 'Times that are free for an appointment, within the opening hours, earliest first.',
    inputSchema: z.strictObject({
      from: z.iso.date().optional().describe('First day; absent: today'),
      days: z.int().min(1).max(31).default(7),
      minutes,
      limit: z.int().min(1).max(20).default(6),
    }),
    effect: 'read',
    isOptional: true,
    async run({ from, ...wanted }, { scope, now }) {
      const local = openingHours.localTime(scope.settings.timezone, now);
      const first = from ?? local.date;
      const busy = await scope.store(appointmentStore).between(first, addDays(first, wanted.days));
      const free = freeTimes(scope, busy, { ...wanted, from: first }, local);
      const { timezone } = scope.settings;
      return {
        timezone,
        times: free.map(({ date, from: at }) => ({ date, weekday: weekdayOf(date), time: clockOf(at) })),
      };
    },
  });
}

function listAppointments(): Tool {
  return defineTool({
    name: 'list_appointments',
    description: 'The appointments of the person who asks; for staff with a date all of that day.',
    inputSchema: z.strictObject({ date: z.iso.date().optional().describe('Only for staff') }),
    effect: 'read',
    isOptional: true,
    async run({ date }, context) {
      if (date !== undefined && !context.isStaff) {
        throw new ToolError('not-allowed', 'Only staff may see all of a day.');
      }
      const { scope } = context;
      const appointments =
        date === undefined
          ? await scope.store(appointmentStore).ofContacts(await idsOf(context), todayOf(context))
          : await scope.store(appointmentStore).between(date, date);
      return {
        appointments: appointments.map((each) => ({
          id: each.id,
          date: each.date,
          weekday: weekdayOf(each.date),
          time: clockOf(each.from),
          until: clockOf(each.to),
          subject: each.subject,
          ...(context.isStaff ? { contact_id: each.contactId } : {}),
        })),
      };
    },
  });
}

function bookAppointment(needs: AppointmentToolNeeds): Tool {
  return defineTool({
    name: 'book_appointment',
    description: 'Books a time of propose_times for the person who asks.',
    inputSchema: z.strictObject(appointment),
    effect: 'write',
    isOptional: true,
    summary: ({ date, time, minutes: length, subject }, t) =>
      t('tool.bookAppointment', { date, time, minutes: length, subject: escapeMarkdown(subject) }),
    async run({ date, time, minutes: length, subject }, context) {
      const { scope, now, turnId, contactId } = context;
      const { timezone } = scope.settings;
      const [from, at] = [minuteOf(time), momentAt(date, time, timezone)];
      if (at <= now || date > addDays(todayOf(context), FURTHEST_DAYS)) {
        throw new ToolError('invalid-input', 'The time is over, or too far ahead.');
      }
      if (!isOpen(scope, date, from, from + length)) {
        throw new ToolError('invalid-input', 'The business is not open all that time.');
      }
      const id = derivedId('appointment', scope.tenantId, turnId, date, time);
      const booked = { id, date, from, to: from + length, contactId, subject, createdAt: now };
      if (!(await scope.store(appointmentStore).book(booked))) {
        throw new ToolError('failed', 'The time is taken.');
      }
      await sendFile(booked, context, needs);
      await tellTeam('tool.appointmentBooked', booked, context, needs);
      return { id, at: at.toISOString() };
    },
  });
}

function cancelAppointment(needs: AppointmentToolNeeds): Tool {
  return defineTool({
    name: 'cancel_appointment',
    description: 'Cancels one of list_appointments.',
    inputSchema: z.strictObject({ id: z.string().min(1).max(128) }),
    effect: 'write',
    isOptional: true,
    summary: ({ id }, t) => t('tool.cancelAppointment', { id: escapeMarkdown(id) }),
    async run({ id }, context) {
      const store = context.scope.store(appointmentStore);
      const match = await store.get(id, todayOf(context));
      const isTheirs = match !== undefined && (await idsOf(context)).includes(match.contactId);
      if (match === undefined || !(isTheirs || context.isStaff) || !(await store.cancel(match))) {
        throw new ToolError('failed', 'There is no such appointment.');
      }
      await tellTeam('tool.appointmentCancelled', match, context, needs);
      return { cancelled: true };
    },
  });
}

function todayOf({ scope, now }: ToolContext): string {
  return openingHours.localTime(scope.settings.timezone, now).date;
}

async function idsOf({ scope, contactId }: ToolContext): Promise<readonly string[]> {
  const contact = await scope.contacts.get(contactId);
  return contact === undefined ? [contactId] : [contact.id, ...contact.formerIds];
}

function weekdayOf(date: string): string {
  return new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(
    Date.parse(`${date}T00:00:00Z`),
  );
}

/** Sends the appointment as a file for the person's own calendar. */
async function sendFile(booked: Appointment, context: ToolContext, { outreach }: AppointmentToolNeeds) {
  const { scope, conversationId } = context;
  const bytes = Buffer.from(icalOf([booked], scope.settings));
  const about = { kind: 'document', fileName: 'appointment.ics', mediaType: 'text/calendar' } as const;
  const file = await scope.files.save({ ...about, bytes });
  await outreach.say(scope, conversationId, `ics:${booked.id}`, { text: '', files: [file] }, 'command');
}

async function tellTeam(
  key: 'tool.appointmentBooked' | 'tool.appointmentCancelled',
  booked: Appointment,
  { scope, contactId, turnId }: ToolContext,
  { outreach, staffConversations, i18n }: AppointmentToolNeeds,
): Promise<void> {
  const { timezone, locale: own } = scope.settings;
  const contact = await scope.contacts.get(booked.contactId);
  const at = momentAt(booked.date, clockOf(booked.from), timezone);
  for (const { id, locale = own } of await staffConversations(scope, contactId)) {
    const text = i18n.translator(locale)(key, {
      name: escapeMarkdown(contact?.name ?? booked.contactId),
      when: describeMoment(at, timezone, locale),
      subject: escapeMarkdown(booked.subject),
    });
    await outreach.say(scope, id, `${key}:${turnId}:${id}`, text, 'command');
  }
}

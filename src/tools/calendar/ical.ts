import { momentAt } from '../../lib/time/moment-at.js';
import type { Appointment } from './appointment-store.js';
import { clockOf } from './free-times.js';

/** Longest line of an iCalendar file, in bytes (RFC 5545, 3.1). */
const LINE_BYTES = 75;

/** The appointments in iCalendar format (RFC 5545). */
export function icalOf(
  appointments: readonly Appointment[],
  { name, timezone }: { readonly name: string; readonly timezone: string },
): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Sapa//Appointments//EN',
    ...appointments.flatMap((each) => [
      'BEGIN:VEVENT',
      `UID:${each.id}@sapa`,
      `DTSTAMP:${stamp(each.createdAt)}`,
      `DTSTART:${stamp(momentAt(each.date, clockOf(each.from), timezone))}`,
      `DTEND:${stamp(momentAt(each.date, clockOf(each.to), timezone))}`,
      `SUMMARY:${escaped(`${name}: ${each.subject}`)}`,
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

function stamp(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

function escaped(text: string): string {
  return text.replace(/[\\;,]/g, '\\$&').replace(/\r\n|\r|\n/g, '\\n');
}

/** Continues long lines on the next line after a space, never in the middle of a character. */
function folded(line: string): string {
  let output = '';
  let bytes = 0;
  for (const character of line) {
    const length = Buffer.byteLength(character);
    if (bytes + length > LINE_BYTES) {
      output += '\r\n ';
      bytes = 1;
    }
    output += character;
    bytes += length;
  }
  return output;
}

import { MongoCommandError } from '../errors.js';
import {
  dayOfYear,
  isoWeek,
  localOf,
  MINUTE,
  momentOf,
  UTC,
  utcOf,
  week,
  weekday,
  zoneOf,
  type LocalTime,
  type Zone,
} from './calendar.js';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');

function offsetText(offset: number): string {
  const minutes = Math.abs(offset) / MINUTE;
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}${pad(minutes % 60, 2)}`;
}

/**
 * `$dateToString`. Throws `MongoCommandError` 18535 or 18536 for an invalid format, 18537 for a year outside
 * 0 to 9999.
 */
export function formatDate(at: number, format: string, zone: Zone): string {
  const local = localOf(at, zone);
  if (local.year < 0 || local.year > 9999) {
    throw new MongoCommandError(
      18537,
      `$dateToString is only defined on year 0-9999, tried to use year ${local.year}`,
    );
  }
  return format.replaceAll(/%(.?)/gs, (_whole, letter: string) => part(letter, at, local, zone));
}

function part(letter: string, at: number, local: LocalTime, zone: Zone): string {
  switch (letter) {
    case 'Y':
      return pad(local.year, 4);
    case 'm':
      return pad(local.month, 2);
    case 'd':
      return pad(local.day, 2);
    case 'H':
      return pad(local.hour, 2);
    case 'M':
      return pad(local.minute, 2);
    case 'S':
      return pad(local.second, 2);
    case 'L':
      return pad(local.millisecond, 3);
    case 'j':
      return pad(dayOfYear(local), 3);
    case 'w':
      return String(weekday(at, zone) + 1);
    case 'u':
      return String(isoWeek(at, zone).day);
    case 'U':
      return pad(week(at, zone), 2);
    case 'V':
      return pad(isoWeek(at, zone).week, 2);
    case 'G':
      return pad(isoWeek(at, zone).year, 4);
    case 'b':
      return MONTHS[local.month - 1]?.slice(0, 3) ?? '';
    case 'B':
      return MONTHS[local.month - 1] ?? '';
    case 'z':
      return offsetText(zone(at));
    case 'Z':
      return String(zone(at) / MINUTE);
    case '%':
      return '%';
    case '':
      throw new MongoCommandError(18535, "Unmatched '%' at end of format string");
    default:
      throw new MongoCommandError(18536, `Invalid format character '%${letter}' in format string`);
  }
}

const failed = (text: string, reason: string): MongoCommandError =>
  new MongoCommandError(241, `Error parsing date string '${text}'; ${reason}`);

const ISO =
  /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{0,2}|[A-Za-z]+\/[A-Za-z_/]+)?)?$/;

/**
 * `$dateFromString` without a format: ISO 8601 or an English date. Throws `MongoCommandError` 241 for
 * anything else.
 */
export function parseDate(text: string, zone: Zone | undefined): number {
  const match = ISO.exec(text.trim());
  if (!match) return parseWords(text, zone ?? UTC);
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', offset] = match;
  if (offset !== undefined && zone) {
    throw failed(
      text,
      'you cannot pass in a date/time string with time zone information together with a timezone argument',
    );
  }
  const local: LocalTime = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    millisecond: Number(fraction.padEnd(3, '0').slice(0, 3)),
  };
  refuseImpossible(text, local);
  return momentOf(local, offset === undefined ? (zone ?? UTC) : zoneOf(offset));
}

function refuseImpossible(text: string, local: LocalTime): void {
  const back = localOf(utcOf(local), UTC);
  const isSame = back.month === local.month && back.day === local.day && back.hour === local.hour;
  if (!isSame || local.minute > 59 || local.second > 59) throw failed(text, 'The parsed date was invalid');
}

/** Parses "July 4, 2019" and "4 July 2019 10:30". */
function parseWords(text: string, zone: Zone): number {
  const match =
    /^(?:([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})|(\d{1,2}) ([A-Za-z]{3,9})\.?,? (\d{4}))(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?$/.exec(
      text.trim(),
    );
  const name = (match?.[1] ?? match?.[5] ?? '?').toLowerCase();
  const month = MONTHS.findIndex(
    (candidate) => candidate.toLowerCase() === name || candidate.slice(0, 3).toLowerCase() === name,
  );
  if (!match || month < 0) throw failed(text, '0: passing a time zone identifier or an unexpected character');
  const local: LocalTime = {
    year: Number(match[3] ?? match[6]),
    month: month + 1,
    day: Number(match[2] ?? match[4]),
    hour: Number(match[7] ?? 0),
    minute: Number(match[8] ?? 0),
    second: Number(match[9] ?? 0),
    millisecond: 0,
  };
  refuseImpossible(text, local);
  return momentOf(local, zone);
}

const FIELD: Readonly<Record<string, { pattern: string; name: string }>> = {
  Y: { pattern: '(\\d{4})', name: 'year' },
  m: { pattern: '(\\d{1,2})', name: 'month' },
  d: { pattern: '(\\d{1,2})', name: 'day' },
  H: { pattern: '(\\d{1,2})', name: 'hour' },
  M: { pattern: '(\\d{1,2})', name: 'minute' },
  S: { pattern: '(\\d{1,2})', name: 'second' },
  L: { pattern: '(\\d{1,3})', name: 'millisecond' },
  j: { pattern: '(\\d{1,3})', name: 'dayOfYear' },
  G: { pattern: '(\\d{4})', name: 'isoYear' },
  V: { pattern: '(\\d{1,2})', name: 'isoWeek' },
  u: { pattern: '(\\d)', name: 'isoDay' },
  z: { pattern: '([+-]\\d{2}:?\\d{2}|Z|UTC|GMT)', name: 'zone' },
  Z: { pattern: '([+-]?\\d{1,3})', name: 'minutes' },
  b: { pattern: '([A-Za-z]{3})', name: 'monthName' },
  B: { pattern: '([A-Za-z]{3,9})', name: 'monthName' },
};

/** `$dateFromString` with a format. Throws `MongoCommandError` 241 if the text does not match it. */
export function parseDateBy(text: string, format: string, zone: Zone | undefined): number {
  const names: string[] = [];
  const source = format.replaceAll(/%(.?)|[\s\S]/g, (whole, letter: string | undefined) => {
    if (letter === undefined) return whole.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    if (letter === '%') return '%';
    const field = FIELD[letter];
    if (!field) throw new MongoCommandError(18536, `Invalid format character '%${letter}' in format string`);
    names.push(field.name);
    return field.pattern;
  });
  const match = new RegExp(`^${source}$`).exec(text);
  if (!match) throw failed(text, 'it does not match the format');
  const fields = new Map(names.map((name, i) => [name, match[i + 1] ?? '']));
  return fromFields(text, fields, zone);
}

function fromFields(text: string, fields: ReadonlyMap<string, string>, zone: Zone | undefined): number {
  const number = (name: string, missing: number): number => {
    const value = fields.get(name);
    return value === undefined ? missing : Number(value);
  };
  const monthName = fields.get('monthName')?.toLowerCase();
  const monthIndex = MONTHS.findIndex(
    (name) => monthName !== undefined && name.toLowerCase().startsWith(monthName),
  );
  const time = {
    hour: number('hour', 0),
    minute: number('minute', 0),
    second: number('second', 0),
    millisecond: Number((fields.get('millisecond') ?? '0').padEnd(3, '0')),
  };
  const where = givenZone(fields) ?? zone ?? UTC;
  if (givenZone(fields) && zone) throw failed(text, 'it names a zone and so does the timezone argument');
  if (fields.has('isoYear'))
    return fromIsoWeek(number('isoYear', 1970), number('isoWeek', 1), number('isoDay', 1), time, where);
  const hasDayOfYear = fields.has('dayOfYear');
  const local: LocalTime = {
    year: number('year', 1970),
    month: monthIndex >= 0 ? monthIndex + 1 : number('month', 1),
    day: hasDayOfYear ? number('dayOfYear', 1) : number('day', 1),
    ...time,
  };
  if (!hasDayOfYear) refuseImpossible(text, local);
  return momentOf(local, where);
}

function givenZone(fields: ReadonlyMap<string, string>): Zone | undefined {
  const [name, minutes] = [fields.get('zone'), fields.get('minutes')];
  if (name !== undefined) return zoneOf(name);
  if (minutes === undefined) return undefined;
  const offset = Number(minutes) * MINUTE;
  return () => offset;
}

/** The timestamp of a day in an ISO 8601 week. */
export function fromIsoWeek(
  year: number,
  isoWeekNumber: number,
  day: number,
  time: Omit<LocalTime, 'year' | 'month' | 'day'>,
  zone: Zone,
): number {
  const fourth = utcOf({ year, month: 1, day: 4, hour: 0, minute: 0, second: 0, millisecond: 0 });
  const shift = (isoWeekNumber - 1) * 7 + (day - 1) - ((new Date(fourth).getUTCDay() + 6) % 7);
  return momentOf({ year, month: 1, day: 4 + shift, ...time }, zone);
}

import { MongoCommandError } from '../errors.js';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const MONTHS_PER_YEAR = 12;
const MONTHS_PER_QUARTER = 3;

/** A date and time as shown by a clock in its zone; months start at 1. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

/** Offset from UTC at a given time, in ms. */
export type Zone = (at: number) => number;

export const UTC: Zone = () => 0;

const zones = new Map<string, Zone>();

/** Throws `MongoCommandError` 40485 if the name is not a time zone. */
export function zoneOf(name: string): Zone {
  const cached = zones.get(name);
  if (cached) return cached;
  const zone = fixedZone(name) ?? namedZone(name);
  zones.set(name, zone);
  return zone;
}

function fixedZone(name: string): Zone | undefined {
  if (name === 'UTC' || name === 'GMT' || name === 'Z') return UTC;
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(name);
  if (!match) return undefined;
  const [, sign, hours, minutes = '0'] = match;
  const offset = (Number(hours) * HOUR + Number(minutes) * MINUTE) * (sign === '-' ? -1 : 1);
  return () => offset;
}

function namedZone(name: string): Zone {
  let format: Intl.DateTimeFormat;
  try {
    if (!name.includes('/') && !/^[A-Z]{3,4}$/.test(name)) throw new RangeError(name);
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new MongoCommandError(40485, `unrecognized time zone identifier: "${name}"`);
  }
  return (at) => {
    const parts: Record<string, number> = {};
    let isBefore = false;
    for (const { type, value } of format.formatToParts(at)) {
      if (type === 'era') isBefore = value.startsWith('B');
      else parts[type] = Number(value);
    }
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    const wall = utcOf({
      year: isBefore ? 1 - year : year,
      month,
      day,
      hour,
      minute,
      second,
      millisecond: 0,
    });
    return wall - Math.floor(at / SECOND) * SECOND;
  };
}

/** The timestamp of a UTC date and time; parts outside their range carry over. */
export function utcOf({ year, month, day, hour, minute, second, millisecond }: LocalTime): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, millisecond);
  return date.getTime();
}

export function localOf(at: number, zone: Zone): LocalTime {
  const date = new Date(at + zone(at));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
  };
}

/**
 * The timestamp at which the zone's clock shows this time. A time that the clock skips counts from before the
 * change, so the clock shows a later one.
 */
export function momentOf(local: LocalTime, zone: Zone): number {
  const wall = utcOf(local);
  const guess = wall - zone(wall);
  const offset = zone(guess);
  const moment = wall - offset;
  const isSkipped = moment !== guess && zone(moment) !== offset;
  return isSkipped ? Math.max(guess, moment) : moment;
}

/** Sunday is 0. */
export const weekday = (at: number, zone: Zone): number => new Date(at + zone(at)).getUTCDay();

export const dayOfYear = (local: LocalTime): number =>
  Math.floor((utcOf({ ...local, ...MIDNIGHT }) - utcOf({ ...local, ...MIDNIGHT, month: 1, day: 1 })) / DAY) +
  1;

const MIDNIGHT = { hour: 0, minute: 0, second: 0, millisecond: 0 } as const;

/** Week and day by ISO 8601, and the year the week belongs to. */
export function isoWeek(at: number, zone: Zone): { year: number; week: number; day: number } {
  const day = weekday(at, zone) || 7;
  const local = localOf(at, zone);
  const thursday = new Date(utcOf({ ...local, ...MIDNIGHT }) + (4 - day) * DAY);
  const year = thursday.getUTCFullYear();
  const first = new Date(0);
  first.setUTCFullYear(year, 0, 1);
  return { year, week: Math.floor((thursday.getTime() - first.getTime()) / (7 * DAY)) + 1, day };
}

/** Week of the year, counted from the first Sunday. */
export function week(at: number, zone: Zone): number {
  return Math.floor((dayOfYear(localOf(at, zone)) + 6 - weekday(at, zone)) / 7);
}

export type Unit =
  'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';
const FIXED: Readonly<Partial<Record<Unit, number>>> = {
  hour: HOUR,
  minute: MINUTE,
  second: SECOND,
  millisecond: 1,
};
const IN_MONTHS: Readonly<Partial<Record<Unit, number>>> = {
  year: MONTHS_PER_YEAR,
  quarter: MONTHS_PER_QUARTER,
  month: 1,
};
const UNITS: ReadonlySet<string> = new Set([
  'year',
  'quarter',
  'month',
  'week',
  'day',
  'hour',
  'minute',
  'second',
  'millisecond',
]);
export const isUnit = (name: unknown): name is Unit => typeof name === 'string' && UNITS.has(name);

/** `$dateAdd`: days are calendar days, and a day that the month does not have becomes its last day. */
export function addTo(at: number, unit: Unit, amount: number, zone: Zone): number {
  const fixed = FIXED[unit];
  if (fixed !== undefined) return at + amount * fixed;
  const local = localOf(at, zone);
  const months = IN_MONTHS[unit];
  if (months === undefined) {
    return momentOf({ ...local, day: local.day + amount * (unit === 'week' ? 7 : 1) }, zone);
  }
  const total = local.year * MONTHS_PER_YEAR + local.month - 1 + amount * months;
  const [year, month] = [Math.floor(total / MONTHS_PER_YEAR), (((total % 12) + 12) % 12) + 1];
  return momentOf({ ...local, year, month, day: Math.min(local.day, lastDay(year, month)) }, zone);
}

function lastDay(year: number, month: number): number {
  return new Date(utcOf({ year, month: month + 1, day: 0, ...MIDNIGHT })).getUTCDate();
}

const REFERENCE: LocalTime = { year: 2000, month: 1, day: 1, ...MIDNIGHT };
/** 1 January 2000 was a Saturday. */
const REFERENCE_WEEKDAY = 6;

const floorTo = (value: number, step: number): number => Math.floor(value / step) * step;

/** Days from the reference date to the calendar day in the zone. */
const calendarDay = (at: number, zone: Zone): number =>
  Math.floor((utcOf({ ...localOf(at, zone), ...MIDNIGHT }) - utcOf(REFERENCE)) / DAY);

/** `$dateTrunc`: bins are counted from 1 January 2000 in the zone. */
export function truncate(at: number, unit: Unit, size: number, zone: Zone, startOfWeek: number): number {
  const fixed = FIXED[unit];
  if (fixed !== undefined) {
    const start = momentOf(REFERENCE, zone);
    // Hours begin by the zone's clock, even if its offset was different on the reference date.
    const shift = unit === 'hour' || unit === 'minute' ? zone(at) - zone(start) : 0;
    return start - shift + floorTo(at - start + shift, fixed * size);
  }
  const months = IN_MONTHS[unit];
  if (months !== undefined) {
    const { year, month } = localOf(at, zone);
    const since = floorTo((year - REFERENCE.year) * MONTHS_PER_YEAR + month - 1, months * size);
    return momentOf({ ...REFERENCE, month: 1 + since }, zone);
  }
  const step = size * (unit === 'week' ? 7 : 1);
  const shift = unit === 'week' ? (startOfWeek - REFERENCE_WEEKDAY + 7) % 7 : 0;
  return momentOf({ ...REFERENCE, day: 1 + shift + floorTo(calendarDay(at, zone) - shift, step) }, zone);
}

/** `$dateDiff`: the number of unit boundaries between two times. */
export function difference(from: number, to: number, unit: Unit, zone: Zone, startOfWeek: number): number {
  const fixed = FIXED[unit];
  if (fixed !== undefined) {
    const index = (at: number): number => Math.floor((at + zone(from)) / fixed);
    return index(to) - index(from);
  }
  const months = IN_MONTHS[unit];
  if (months !== undefined) {
    const index = (at: number): number => {
      const { year, month } = localOf(at, zone);
      return Math.floor((year * MONTHS_PER_YEAR + month - 1) / months);
    };
    return index(to) - index(from);
  }
  const shift = unit === 'week' ? (startOfWeek - REFERENCE_WEEKDAY + 7) % 7 : 0;
  const step = unit === 'week' ? 7 : 1;
  const index = (at: number): number => Math.floor((calendarDay(at, zone) - shift) / step);
  return index(to) - index(from);
}

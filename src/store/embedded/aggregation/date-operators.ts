import { Int32, Long, ObjectId, Timestamp } from 'bson';
import { MongoCommandError } from '../errors.js';
import { named, namedParts, one, type NamedValues } from './arguments.js';
import {
  addTo,
  dayOfYear,
  difference,
  isoWeek,
  isUnit,
  localOf,
  momentOf,
  truncate,
  UTC,
  week,
  weekday,
  zoneOf,
  type LocalTime,
  type Unit,
  type Zone,
} from './calendar.js';
import { isNullish, type OperatorCompiler, type OperatorTable } from './compile.js';
import { formatDate, fromIsoWeek, parseDate, parseDateBy } from './date-text.js';
import { asDouble, isNumber } from './numbers.js';
import { typeName } from './order.js';
import { isDoc } from '../bson/values.js';

/** The timestamp of a date, or of a value that contains one, in ms. */
function moment(value: unknown, code = 16006): number {
  if (value instanceof Date) return value.getTime();
  if (value instanceof ObjectId) return value.getTimestamp().getTime();
  if (value instanceof Timestamp) return value.getHighBits() * 1_000;
  throw new MongoCommandError(code, `can't convert from BSON type ${typeName(value)} to Date`);
}

function zone(value: unknown): Zone {
  if (value === undefined) return UTC;
  if (typeof value !== 'string')
    throw new MongoCommandError(40533, `timezone must evaluate to a string, found ${typeName(value)}`);
  return zoneOf(value);
}

/** `{$year: date}` and `{$year: {date, timezone}}`. */
const part =
  (work: (at: number, where: Zone) => number, asLong = false): OperatorCompiler =>
  (operand, compiler, name) => {
    const isNamed = isDoc(operand) && 'date' in operand;
    const single = Array.isArray(operand) && operand.length === 1 ? (operand as unknown[])[0] : operand;
    const parts = isNamed
      ? namedParts(operand, compiler, name, ['date'], ['timezone'])
      : { date: compiler.compile(single) };
    return (env) => {
      const [date, timezone] = [parts.date?.(env), parts.timezone?.(env)];
      if (isNullish(date) || timezone === null) return null;
      const value = work(moment(date), zone(timezone));
      return asLong ? Long.fromNumber(value) : new Int32(value);
    };
  };

const localPart = (field: keyof LocalTime) => part((at, where) => localOf(at, where)[field]);

function unitOf(value: unknown, name: string): Unit {
  if (isUnit(value)) return value;
  throw new MongoCommandError(
    9,
    `${name} parameter 'unit' value parsing failed: unknown time unit value: ${String(value)}`,
  );
}

function integerOf(value: unknown, name: string, what: string): number {
  const number = isNumber(value) ? asDouble(value) : NaN;
  if (!Number.isInteger(number))
    throw new MongoCommandError(5166405, `${name} expects integer ${what} of time units`);
  return number;
}

const shift = (sign: 1 | -1): OperatorCompiler =>
  named(['startDate', 'unit', 'amount'], ['timezone'], ({ startDate, unit, amount, timezone }, name) => {
    if (isNullish(startDate) || isNullish(unit) || isNullish(amount) || timezone === null) return null;
    const by = integerOf(amount, name, 'amount');
    return new Date(addTo(moment(startDate, 5166403), unitOf(unit, name), sign * by, zone(timezone)));
  });

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

function startOfWeek(value: unknown, name: string): number {
  if (value === undefined) return 0;
  const day =
    typeof value === 'string'
      ? DAYS.findIndex(
          (candidate) => candidate === value.toLowerCase() || candidate.slice(0, 3) === value.toLowerCase(),
        )
      : -1;
  if (day < 0)
    throw new MongoCommandError(
      9,
      `${name} parameter 'startOfWeek' value cannot be recognized as a day of a week`,
    );
  return day;
}

const diff = named(
  ['startDate', 'endDate', 'unit'],
  ['timezone', 'startOfWeek'],
  ({ startDate, endDate, unit, timezone, startOfWeek: first }, name) => {
    if (isNullish(startDate) || isNullish(endDate) || isNullish(unit) || timezone === null || first === null)
      return null;
    const [from, to] = [moment(startDate, 5166307), moment(endDate, 5166307)];
    return Long.fromNumber(
      difference(from, to, unitOf(unit, name), zone(timezone), startOfWeek(first, name)),
    );
  },
);

const trunc = named(
  ['date', 'unit'],
  ['binSize', 'timezone', 'startOfWeek'],
  ({ date, unit, binSize = new Int32(1), timezone, startOfWeek: first }, name) => {
    if (isNullish(date) || isNullish(unit) || binSize === null || timezone === null || first === null)
      return null;
    const size = isNumber(binSize) ? asDouble(binSize) : NaN;
    if (!Number.isInteger(size) || size <= 0)
      throw new MongoCommandError(5439018, "$dateTrunc requires 'binSize' to be greater than 0");
    return new Date(
      truncate(moment(date, 5439012), unitOf(unit, name), size, zone(timezone), startOfWeek(first, name)),
    );
  },
);

const toText = named(['date'], ['format', 'timezone', 'onNull'], ({ date, format, timezone, onNull }) => {
  if (isNullish(date)) return onNull === undefined ? null : onNull;
  if (timezone === null || format === null) return null;
  const where = zone(timezone);
  if (format !== undefined && typeof format !== 'string')
    throw new MongoCommandError(18533, "$dateToString requires that 'format' be a string");
  const ending = where === UTC ? 'Z' : '';
  return formatDate(moment(date), format ?? `%Y-%m-%dT%H:%M:%S.%L${ending}`, where);
});

const fromText: OperatorCompiler = (operand, compiler, name) => {
  const parts = namedParts(
    operand,
    compiler,
    name,
    ['dateString'],
    ['format', 'timezone', 'onError', 'onNull'],
  );
  return (env) => {
    const text = parts.dateString?.(env);
    if (isNullish(text)) return parts.onNull ? parts.onNull(env) : null;
    const [format, timezone] = [parts.format?.(env), parts.timezone?.(env)];
    if (format === null || timezone === null) return null;
    try {
      if (typeof text !== 'string')
        throw new MongoCommandError(
          241,
          `$dateFromString requires that 'dateString' be a string, found: ${typeName(text)}`,
        );
      const where = timezone === undefined ? undefined : zone(timezone);
      return new Date(typeof format === 'string' ? parseDateBy(text, format, where) : parseDate(text, where));
    } catch (error) {
      if (parts.onError && error instanceof MongoCommandError && error.code === 241)
        return parts.onError(env);
      throw error;
    }
  };
};

const CALENDAR = ['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond', 'timezone'] as const;
const ISO = [
  'isoWeekYear',
  'isoWeek',
  'isoDayOfWeek',
  'hour',
  'minute',
  'second',
  'millisecond',
  'timezone',
] as const;

const fromParts: OperatorCompiler = (operand, compiler, name) => {
  const isIso = isDoc(operand) && 'isoWeekYear' in operand;
  const [first, ...rest] = isIso ? ISO : CALENDAR;
  const parts = Object.entries(namedParts(operand, compiler, name, [first], rest));
  return (env) => {
    const values = Object.fromEntries(parts.map(([key, value]) => [key, value(env)]));
    if (Object.values(values).some(isNullish)) return null;
    return new Date(joined(values, isIso, name));
  };
};

function joined(values: NamedValues, isIso: boolean, name: string): number {
  const number = (key: string, missing: number): number => {
    if (values[key] === undefined) return missing;
    const value = isNumber(values[key]) ? asDouble(values[key]) : NaN;
    if (!Number.isInteger(value))
      throw new MongoCommandError(
        40515,
        `'${key}' must evaluate to an integer, found ${typeName(values[key])}`,
      );
    if (/year/i.test(key) && (value < 1 || value > 9999)) {
      throw new MongoCommandError(
        40523,
        `'${key}' must evaluate to an integer in the range 1 to 9999, found ${value} (${name})`,
      );
    }
    return value;
  };
  const where = zone(values.timezone);
  const time = {
    hour: number('hour', 0),
    minute: number('minute', 0),
    second: number('second', 0),
    millisecond: number('millisecond', 0),
  };
  if (isIso)
    return fromIsoWeek(
      number('isoWeekYear', 1970),
      number('isoWeek', 1),
      number('isoDayOfWeek', 1),
      time,
      where,
    );
  return momentOf(
    { year: number('year', 1970), month: number('month', 1), day: number('day', 1), ...time },
    where,
  );
}

const toParts = named(['date'], ['timezone', 'iso8601'], ({ date, timezone, iso8601 }) => {
  if (isNullish(date) || timezone === null || iso8601 === null) return null;
  const [at, where] = [moment(date), zone(timezone)];
  const { year, month, day, ...time } = localOf(at, where);
  const iso = isoWeek(at, where);
  const head =
    iso8601 === true
      ? { isoWeekYear: iso.year, isoWeek: iso.week, isoDayOfWeek: iso.day }
      : { year, month, day };
  return Object.fromEntries(
    Object.entries({ ...head, ...time }).map(([key, value]) => [key, new Int32(value)]),
  );
});

function ofTimestamp(work: (value: Timestamp) => number): OperatorCompiler {
  return one((value, name) => {
    if (isNullish(value)) return null;
    if (!(value instanceof Timestamp))
      throw new MongoCommandError(
        5687301,
        `${name} requires a timestamp argument, found: ${typeName(value)}`,
      );
    return Long.fromNumber(work(value));
  });
}

export const dateOperators: OperatorTable = {
  $year: localPart('year'),
  $month: localPart('month'),
  $dayOfMonth: localPart('day'),
  $hour: localPart('hour'),
  $minute: localPart('minute'),
  $second: localPart('second'),
  $millisecond: localPart('millisecond'),
  $dayOfYear: part((at, where) => dayOfYear(localOf(at, where))),
  $dayOfWeek: part((at, where) => weekday(at, where) + 1),
  $week: part(week),
  $isoDayOfWeek: part((at, where) => isoWeek(at, where).day),
  $isoWeek: part((at, where) => isoWeek(at, where).week),
  $isoWeekYear: part((at, where) => isoWeek(at, where).year, true),
  $dateAdd: shift(1),
  $dateSubtract: shift(-1),
  $dateDiff: diff,
  $dateTrunc: trunc,
  $dateToString: toText,
  $dateFromString: fromText,
  $dateFromParts: fromParts,
  $dateToParts: toParts,
  $tsSecond: ofTimestamp((value) => value.getHighBitsUnsigned()),
  $tsIncrement: ofTimestamp((value) => value.getLowBitsUnsigned()),
};

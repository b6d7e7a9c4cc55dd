/** How a column marks decimals. */
export type DecimalMark = '.' | ',';

/** Currency and percent signs before and after a number. */
const PREFIX = /^(?:rp\.?|idr|usd|us\$|eur|sgd|myr|rm|\$|€|£|¥)\s*/i;
const SUFFIX = /\s*(?:,-|%|rp|idr|usd|eur|sgd|myr|€|£|rupiah)$/i;
/** Multiples as written in chats: 85rb, 1,2 jt, 30k. */
const MULTIPLE = /\s*(?:(rb|ribu|k)|jt|juta)$/i;
const POINT = /^(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?$|^\.\d+$/;
const COMMA = /^(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d*)?$|^,\d+$/;
const EXPONENT = /^\d+(?:\.\d*)?e[+-]?\d+$/i;
const SPACES = /(\d)[ \u00A0\u202F'](?=\d{3}(?:\D|$))/g;
/** Codes like 08123 or 00042, which would lose their zeros as numbers. */
const LEADING_ZERO = /^0\d/;

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT_FROM_ZERO = 0x2e - ZERO;
const EXACT_DIGITS = 15;
const POWERS = Float64Array.from({ length: EXACT_DIGITS }, (_, exponent) => 10 ** exponent);

/** The possible values of one cell as a number. */
export interface NumberReading {
  /** With a decimal point; NaN if that is not a number. */
  readonly point: number;
  /** With a decimal comma; NaN if that is not a number. */
  readonly comma: number;
  readonly hasLeadingZero: boolean;
  readonly currency: string | undefined;
}

const NONE: NumberReading = {
  point: Number.NaN,
  comma: Number.NaN,
  hasLeadingZero: false,
  currency: undefined,
};

/** Both readings of a cell. `1.234` is 1.234 in one and 1234 in the other; the column decides. */
export function readNumber(cell: string): NumberReading {
  if (cell.length > 40 || cell === '') return NONE;
  const plain = plainNumber(cell);
  if (plain !== undefined) return plain;
  const { digits, factor, currency } = stripped(cell);
  if (!/^[\d.,]/.test(digits)) return NONE;
  const isExponent = EXPONENT.test(digits);
  const point = isExponent || POINT.test(digits) ? factor * Number(digits.replaceAll(',', '')) : Number.NaN;
  const comma = isExponent
    ? point
    : COMMA.test(digits)
      ? factor * Number(digits.replaceAll('.', '').replace(',', '.'))
      : Number.NaN;
  return { point: finite(point), comma: finite(comma), hasLeadingZero: LEADING_ZERO.test(digits), currency };
}

/** Any reading that fits, where nothing says how a column writes its numbers; NaN if none does. */
export function anyNumber(cell: string): number {
  const { point, comma } = readNumber(cell);
  return Number.isNaN(point) ? comma : point;
}

/** Reads digits with an optional sign and point: most numbers of most tables, without a regular expression. */
function plainNumber(cell: string): NumberReading | undefined {
  const start = cell.charCodeAt(0) === MINUS ? 1 : 0;
  const digits = cell.length - start;
  if (digits === 0 || digits > EXACT_DIGITS) return undefined;
  let mantissa = 0;
  let point = -1;
  for (let at = start; at < cell.length; at += 1) {
    const digit = cell.charCodeAt(at) - ZERO;
    if (digit >= 0 && digit <= 9) mantissa = mantissa * 10 + digit;
    else if (digit === POINT_FROM_ZERO && point === -1 && at > start) point = at;
    else return undefined;
  }
  const decimals = point === -1 ? 0 : cell.length - 1 - point;
  if (point !== -1 && decimals === 0) return undefined;
  const whole = start === 1 ? -mantissa : mantissa;
  // Up to 15 digits, a double holds both numbers exactly, so the quotient is the nearest double.
  const value = whole / (POWERS[decimals] as number);
  // Up to three digits, a point and three digits may also be thousands.
  const isThousands = decimals === 3 && point - start <= 3;
  return {
    point: value,
    comma: point === -1 ? value : isThousands ? whole : Number.NaN,
    hasLeadingZero: digits > 1 && cell.charCodeAt(start) === ZERO && point !== start + 1,
    currency: undefined,
  };
}

/** Removes signs, currency and multiples; `factor` is the sign times the multiple. */
function stripped(cell: string): { digits: string; factor: number; currency: string | undefined } {
  let text = cell.trim();
  let sign = 1;
  if (text.startsWith('(') && text.endsWith(')')) {
    sign = -1;
    text = text.slice(1, -1).trim();
  }
  if (text.startsWith('-') || text.startsWith('\u2212')) {
    sign = -sign;
    text = text.slice(1).trimStart();
  } else if (text.startsWith('+')) text = text.slice(1);
  const prefix = PREFIX.exec(text)?.[0];
  if (prefix !== undefined) text = text.slice(prefix.length);
  if (text.startsWith('-')) {
    sign = -sign;
    text = text.slice(1);
  }
  const suffix = SUFFIX.exec(text)?.[0];
  if (suffix !== undefined) text = text.slice(0, -suffix.length);
  const multiple = MULTIPLE.exec(text);
  if (multiple !== null) text = text.slice(0, -multiple[0].length);
  const times = multiple === null ? 1 : multiple[1] === undefined ? 1_000_000 : 1000;
  const currency = (prefix ?? suffix)?.replace(/,-|%/, '').trim();
  return {
    digits: text.replace(SPACES, '$1'),
    factor: sign * times,
    currency: currency === '' ? undefined : currency,
  };
}

/** Values beyond the range of float32 count as missing. */
function finite(value: number): number {
  return Math.abs(value) <= 3.4e38 ? value : Number.NaN;
}

export function numberBy(mark: DecimalMark, reading: NumberReading): number {
  return mark === '.' ? reading.point : reading.comma;
}

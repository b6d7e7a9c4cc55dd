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
/** Fast path for most numbers of most tables. */
const PLAIN = /^-?(?:\d{1,15}|\d{1,15}\.\d{1,2}|\d{1,15}\.\d{4,15})$/;
/** Decimals in one reading; thousands in the other if at most three digits precede the point. */
const THREE_DECIMALS = /^-?\d{1,15}\.\d{3}$/;
const SPACES = /(\d)[ \u00A0\u202F'](?=\d{3}(?:\D|$))/g;
/** Codes like 08123 or 00042, which would lose their zeros as numbers. */
const LEADING_ZERO = /^0\d/;

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
  if (PLAIN.test(cell)) return plain(cell);
  if (THREE_DECIMALS.test(cell)) return threeDecimals(cell);
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

function plain(cell: string): NumberReading {
  const value = Number(cell);
  const comma = cell.includes('.') ? Number.NaN : value;
  return { point: value, comma, hasLeadingZero: LEADING_ZERO.test(cell), currency: undefined };
}

function threeDecimals(cell: string): NumberReading {
  const digits = cell.length - (cell.startsWith('-') ? 1 : 0) - '.000'.length;
  return {
    point: Number(cell),
    comma: digits <= 3 ? Number(cell.replace('.', '')) : Number.NaN,
    hasLeadingZero: LEADING_ZERO.test(cell.replace('-', '')),
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
  const currency = (prefix ?? suffix)?.replace(/,-/, '').trim();
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

import type { Decimal128, Long } from 'bson';
import { addScaled, negateScaled, parseDecimal, type Scaled } from './decimal.js';

const scratch = Buffer.alloc(8);

/** Offset of the encoded remainder, which is twice its integer part, plus one if a fraction follows. */
const REST_ZERO = 0x8000;
const REST_LIMIT = 16_000;
const FAR = '\xff\xff';

export function doubleBytes(value: number): string {
  if (Number.isNaN(value)) return '\x00\x00\x00\x00\x00\x00\x00\x00';
  scratch.writeDoubleBE(value === 0 ? 0 : value, 0);
  const first = scratch.readUInt8(0);
  if (first < 0x80) scratch.writeUInt8(first | 0x80, 0);
  else for (let i = 0; i < 8; i += 1) scratch.writeUInt8(255 - scratch.readUInt8(i), i);
  return scratch.toString('latin1', 0, 8);
}

const EXACT = '\x80\x00';

/**
 * The key of a number. Keys of all number types sort by exact value: first the largest double that is not
 * above the number, then how much the number exceeds it, which is nothing here.
 */
export const doubleKey = (value: number): string => doubleBytes(value) + EXACT;

const rest = (twice: number): string =>
  String.fromCharCode((REST_ZERO + twice) >> 8, (REST_ZERO + twice) & 255);

function below(value: number): number {
  scratch.writeDoubleBE(value, 0);
  const bits = scratch.readBigInt64BE(0);
  if (value === 0) return -Number.MIN_VALUE;
  scratch.writeBigInt64BE(value > 0 ? bits - 1n : bits + 1n, 0);
  return scratch.readDoubleBE(0);
}

export function longKey(value: Long): string {
  const nearest = value.toNumber();
  if (Number.isSafeInteger(nearest)) return doubleKey(nearest);
  const integer = value.toBigInt();
  const base = BigInt(nearest) > integer ? below(nearest) : nearest;
  return doubleBytes(base) + rest(2 * Number(integer - BigInt(base)));
}

export function decimalKey(value: Decimal128): string {
  const text = value.toString();
  const nearest = Number(text);
  const exact = parseDecimal(text);
  if (!exact) return doubleKey(nearest);
  if (exact.exponent >= 0 && Number.isSafeInteger(nearest)) return doubleKey(nearest);
  if (!Number.isFinite(nearest)) return farKey(exact);
  let base = nearest;
  let more = addScaled(exact, negateScaled(exactly(base)));
  if (more.coefficient < 0n) {
    base = below(base);
    more = addScaled(exact, negateScaled(exactly(base)));
  }
  if (more.coefficient === 0n) return doubleKey(base);
  const { whole, fraction } = digitsOf(more);
  if (whole >= REST_LIMIT) return `${doubleBytes(base)}\xff\xfe${lengthOf(whole)}${whole}.${fraction}\x00`;
  return (
    doubleBytes(base) +
    (fraction === '' ? rest(2 * Number(whole)) : `${rest(2 * Number(whole) + 1)}${fraction}\x00`)
  );
}

/** The key of a decimal outside the range of doubles, but inside the infinities. */
function farKey(value: Scaled): string {
  const isNegative = value.coefficient < 0n;
  const { whole } = digitsOf(isNegative ? negateScaled(value) : value);
  const size = `${lengthOf(whole)}${whole}`;
  if (!isNegative) return `${doubleBytes(Number.MAX_VALUE)}${FAR}${size}\x00`;
  const inverted = [...size].map((digit) => String.fromCharCode(0x69 - digit.charCodeAt(0))).join('');
  return `${doubleBytes(-Infinity)}${FAR}${inverted}\x7f`;
}

const lengthOf = (integer: bigint): string => String(integer.toString().length).padStart(5, '0');

/** The exact value of a double, which is always an integer times a power of two. */
function exactly(value: number): Scaled {
  if (Number.isInteger(value)) return { coefficient: BigInt(value), exponent: 0 };
  let [mantissa, halvings] = [value, 0];
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    halvings += 1;
  }
  return { coefficient: BigInt(mantissa) * 5n ** BigInt(halvings), exponent: -halvings };
}

function digitsOf({ coefficient, exponent }: Scaled): { whole: bigint; fraction: string } {
  if (exponent >= 0) return { whole: coefficient * 10n ** BigInt(exponent), fraction: '' };
  const unit = 10n ** BigInt(-exponent);
  const fraction = (coefficient % unit).toString().padStart(-exponent, '0').replace(/0+$/, '');
  return { whole: coefficient / unit, fraction };
}

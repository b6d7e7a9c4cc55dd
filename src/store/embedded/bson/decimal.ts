import { Decimal128 } from 'bson';

/** A finite decimal: `coefficient` times ten to the power of `exponent`. */
export interface Scaled {
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** Precision of IEEE 754-2008 decimal128, in digits. */
const DIGITS = 34;

/** Returns `undefined` for NaN and the infinities. */
export function parseDecimal(text: string): Scaled | undefined {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const coefficient = BigInt(`${whole}${fraction}` || '0') * (sign === '-' ? -1n : 1n);
  return { coefficient, exponent: Number(exponent) - fraction.length };
}

/** Rounds to 34 digits, half to even, as IEEE 754 does by default. */
export function toDecimal({ coefficient, exponent }: Scaled): Decimal128 {
  const negative = coefficient < 0n;
  const digits = (negative ? -coefficient : coefficient).toString();
  const surplus = digits.length - DIGITS;
  if (surplus <= 0) return Decimal128.fromString(`${coefficient}E${exponent}`);
  const rounded = divideHalfEven(negative ? -coefficient : coefficient, 10n ** BigInt(surplus));
  return Decimal128.fromStringWithRounding(`${negative ? '-' : ''}${rounded}E${exponent + surplus}`);
}

function divideHalfEven(value: bigint, divisor: bigint): bigint {
  const [quotient, rest] = [value / divisor, value % divisor];
  const twice = rest * 2n;
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}

/** Scales both to the same exponent. */
function aligned(a: Scaled, b: Scaled): { x: bigint; y: bigint; exponent: number } {
  const exponent = Math.min(a.exponent, b.exponent);
  const scale = (n: Scaled): bigint => n.coefficient * 10n ** BigInt(n.exponent - exponent);
  return { x: scale(a), y: scale(b), exponent };
}

export const addScaled = (a: Scaled, b: Scaled): Scaled => {
  const { x, y, exponent } = aligned(a, b);
  return { coefficient: x + y, exponent };
};

export const negateScaled = (a: Scaled): Scaled => ({ coefficient: -a.coefficient, exponent: a.exponent });

export const multiplyScaled = (a: Scaled, b: Scaled): Scaled => ({
  coefficient: a.coefficient * b.coefficient,
  exponent: a.exponent + b.exponent,
});

/** The divisor must not be zero. An exact quotient gets no more trailing zeros than IEEE 754 prefers. */
export function divideScaled(a: Scaled, b: Scaled): Scaled {
  const extra = DIGITS + 4 + Math.max(0, digitsOf(b) - digitsOf(a));
  const numerator = a.coefficient * 10n ** BigInt(extra);
  const exact = numerator % b.coefficient === 0n;
  let coefficient = numerator / b.coefficient;
  let exponent = a.exponent - b.exponent - extra;
  if (!exact) {
    // A sticky digit that only records a remainder, so that rounding is correct.
    return { coefficient: coefficient * 10n + (coefficient < 0n ? -1n : 1n), exponent: exponent - 1 };
  }
  const preferredExponent = a.exponent - b.exponent;
  while (exponent < preferredExponent && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent += 1;
  }
  return { coefficient, exponent };
}

export function moduloScaled(a: Scaled, b: Scaled): Scaled {
  const { x, y, exponent } = aligned(a, b);
  return { coefficient: x % y, exponent };
}

const digitsOf = ({ coefficient }: Scaled): number => coefficient.toString().length;

export type Rounding = 'ceil' | 'floor' | 'trunc' | 'half-even';

/** Rounds to `places` digits after the point, or before it if negative. */
export function roundScaled(value: Scaled, places: number, rounding: Rounding): Scaled {
  const drop = -places - value.exponent;
  if (drop <= 0) return value;
  const divisor = 10n ** BigInt(drop);
  const { coefficient } = value;
  const truncated = coefficient / divisor;
  const rest = coefficient % divisor;
  let result = truncated;
  if (rest !== 0n) {
    if (rounding === 'ceil' && coefficient > 0n) result += 1n;
    if (rounding === 'floor' && coefficient < 0n) result -= 1n;
    if (rounding === 'half-even') {
      const size = divideHalfEven(coefficient < 0n ? -coefficient : coefficient, divisor);
      result = coefficient < 0n ? -size : size;
    }
  }
  return { coefficient: result, exponent: -places };
}

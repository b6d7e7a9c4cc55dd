import { Decimal128, Double, Int32, Long } from 'bson';
import { MongoCommandError } from '../errors.js';

export type Arithmetic = 'add' | 'multiply';

type NumberClass = 'int' | 'long' | 'double' | 'decimal';

const RANK: Readonly<Record<NumberClass, number>> = { int: 0, long: 1, double: 2, decimal: 3 };
const INT32 = { min: -(2n ** 31n), max: 2n ** 31n - 1n };
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

export function numberClass(value: unknown): NumberClass | undefined {
  if (value instanceof Int32) return 'int';
  if (value instanceof Long) return 'long';
  if (value instanceof Double) return 'double';
  if (value instanceof Decimal128) return 'decimal';
  if (typeof value !== 'number') return undefined;
  return Number.isInteger(value) && Math.abs(value) <= Number(INT32.max) ? 'int' : 'double';
}

/**
 * `$inc` and `$mul` with MongoDB's result types: the wider of the two; int32 overflows to int64.
 * @throws MongoCommandError 2 when an int64 overflows.
 */
export function calculate(operation: Arithmetic, a: unknown, b: unknown): unknown {
  const [classA, classB] = [numberClass(a) ?? 'int', numberClass(b) ?? 'int'];
  const wider = RANK[classA] >= RANK[classB] ? classA : classB;
  if (wider === 'decimal') return calculateDecimal(operation, String(a), String(b));
  if (wider === 'double') {
    return new Double(operation === 'add' ? Number(a) + Number(b) : Number(a) * Number(b));
  }
  const [x, y] = [BigInt(String(a)), BigInt(String(b))];
  const result = operation === 'add' ? x + y : x * y;
  if (wider === 'int' && result >= INT32.min && result <= INT32.max) return new Int32(Number(result));
  if (result < INT64.min || result > INT64.max) {
    throw new MongoCommandError(
      2,
      'Failed to apply $inc or $mul operations to current value: int64 overflow',
    );
  }
  return Long.fromBigInt(result);
}

interface Scaled {
  readonly coefficient: bigint;
  readonly exponent: number;
}

function parse(written: string): Scaled | undefined {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(written);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const coefficient = BigInt(`${whole}${fraction}` || '0') * (sign === '-' ? -1n : 1n);
  return { coefficient, exponent: Number(exponent) - fraction.length };
}

function calculateDecimal(operation: Arithmetic, a: string, b: string): Decimal128 {
  const [x, y] = [parse(a), parse(b)];
  if (!x || !y) {
    const [m, n] = [Number(a), Number(b)];
    return Decimal128.fromString(String(operation === 'add' ? m + n : m * n));
  }
  if (operation === 'multiply') {
    return Decimal128.fromStringWithRounding(`${x.coefficient * y.coefficient}E${x.exponent + y.exponent}`);
  }
  const exponent = Math.min(x.exponent, y.exponent);
  const scale = (n: Scaled): bigint => n.coefficient * 10n ** BigInt(n.exponent - exponent);
  return Decimal128.fromStringWithRounding(`${scale(x) + scale(y)}E${exponent}`);
}

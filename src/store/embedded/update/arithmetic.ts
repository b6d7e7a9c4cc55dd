import { Double } from 'bson';
import { add, classOf, multiply } from '../aggregation/numbers.js';
import { MongoCommandError } from '../errors.js';

export type Arithmetic = 'add' | 'multiply';
export { classOf as numberClass } from '../aggregation/numbers.js';

/**
 * `$inc` and `$mul` with MongoDB's result types: the wider of the two; int32 overflows to int64.
 * Throws `MongoCommandError` 2 if int64 overflows.
 */
export function calculate(operation: Arithmetic, a: unknown, b: unknown): unknown {
  const result = operation === 'add' ? add(a, b) : multiply(a, b);
  const isWhole = [a, b].every((value) => classOf(value) === 'int' || classOf(value) === 'long');
  if (isWhole && result instanceof Double) {
    throw new MongoCommandError(
      2,
      'Failed to apply $inc or $mul operations to current value: int64 overflow',
    );
  }
  return result;
}

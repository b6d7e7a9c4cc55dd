import { MaxKey, MinKey } from 'bson';
import { encodeKey, keyTag } from '../bson/key-string.js';

const NAN_KEY = encodeKey(NaN);

export type ValueTest = (value: unknown) => boolean;

/** MongoDB's equality: 1 and 1.0 are equal, null equals missing, documents compare field by field. */
export function equalTo(operand: unknown): ValueTest {
  if (operand === null || operand === undefined) return (value) => value === null || value === undefined;
  if (typeof operand === 'string' || typeof operand === 'boolean') return (value) => value === operand;
  const key = encodeKey(operand);
  if (typeof operand === 'number' && !Number.isNaN(operand)) {
    return (value) => value === operand || (typeof value === 'object' && encodeKey(value) === key);
  }
  return (value) => value !== null && value !== undefined && encodeKey(value) === key;
}

export type Ordering = '$gt' | '$gte' | '$lt' | '$lte';

function accepts(ordering: Ordering, comparison: number): boolean {
  switch (ordering) {
    case '$gt':
      return comparison > 0;
    case '$gte':
      return comparison >= 0;
    case '$lt':
      return comparison < 0;
    case '$lte':
      return comparison <= 0;
    default:
      return ordering satisfies never;
  }
}

/** Range comparison. Like MongoDB, compares only values of the operand's own class. */
export function orderedAgainst(ordering: Ordering, operand: unknown): ValueTest {
  const key = encodeKey(operand);
  const tag = keyTag(key);
  const acrossClasses = operand instanceof MinKey || operand instanceof MaxKey;
  const isNull = operand === null || operand === undefined;
  const isNaNOperand = key === NAN_KEY;
  return (value) => {
    if (typeof value === 'number' && typeof operand === 'number' && value === value && !isNaNOperand) {
      return accepts(ordering, value < operand ? -1 : value > operand ? 1 : 0);
    }
    if (value === undefined && !isNull && !acrossClasses) return false;
    const other = encodeKey(value);
    if (keyTag(other) !== tag && !acrossClasses) return false;
    // NaN equals only itself and is neither less nor greater than any number.
    if (isNaNOperand || (other === NAN_KEY && !acrossClasses)) return other === key && ordering.endsWith('e');
    return accepts(ordering, other < key ? -1 : other > key ? 1 : 0);
  };
}

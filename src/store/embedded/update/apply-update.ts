import { Int32, Long, Timestamp } from 'bson';
import { encodeKey } from '../bson/key-string.js';
import { copy, isDoc, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { addToSet, pop, pull, pullAll, push } from './array-operators.js';
import { calculate, numberClass, type Arithmetic } from './arithmetic.js';
import { checkViable, concretePaths, setAt, unsetAt, valueAt, type Positions } from './paths.js';

export interface UpdateContext extends Positions {
  readonly isInsert: boolean;
  readonly now: Date;
}

type Operator = (document: Doc, path: readonly string[], operand: unknown, context: UpdateContext) => void;

/** Replaces an array with one computed from it, e.g. `$push`. */
const onArray =
  (change: (value: unknown, operand: unknown) => unknown[], madeWhenMissing: boolean): Operator =>
  (document, path, operand) => {
    const value = valueAt(document, path);
    if (value === undefined && !madeWhenMissing) return;
    setAt(document, path, change(value, copy(operand)));
  };

const arithmetic =
  (operation: Arithmetic, name: string): Operator =>
  (document, path, operand) => {
    const value = valueAt(document, path);
    if (numberClass(operand) === undefined || (value !== undefined && numberClass(value) === undefined)) {
      throw new MongoCommandError(
        14,
        `Cannot apply ${name} to a value of non-numeric type: ${path.join('.')}`,
      );
    }
    const missing = operation === 'add' ? operand : calculate('multiply', operand, new Int32(0));
    setAt(document, path, value === undefined ? missing : calculate(operation, value, operand));
  };

const extreme =
  (sign: 1 | -1): Operator =>
  (document, path, operand) => {
    const value = valueAt(document, path);
    const [a, b] = [encodeKey(value), encodeKey(operand)];
    if (value === undefined || (sign === 1 ? b > a : b < a)) setAt(document, path, copy(operand));
  };

const set: Operator = (document, path, operand) => {
  setAt(document, path, copy(operand));
};

const OPERATORS: Readonly<Record<string, Operator>> = {
  $set: set,
  $setOnInsert: (document, path, operand, context) => {
    if (context.isInsert) set(document, path, operand, context);
  },
  $unset: (document, path) => {
    unsetAt(document, path);
  },
  $inc: arithmetic('add', '$inc'),
  $mul: arithmetic('multiply', '$mul'),
  $min: extreme(-1),
  $max: extreme(1),
  $rename: (document, path, operand) => {
    const value = valueAt(document, path);
    if (typeof operand !== 'string')
      throw new MongoCommandError(2, "The 'to' field for $rename must be a string");
    checkViable(document, path);
    if (value === undefined) return;
    const target = operand.split('.');
    for (const way of [path, target]) {
      if (way.some((_, at) => Array.isArray(valueAt(document, way.slice(0, at)))))
        throw new MongoCommandError(2, `The field of $rename cannot be an array element, '${way.join('.')}'`);
    }
    unsetAt(document, path);
    setAt(document, target, value);
  },
  $currentDate: (document, path, operand, { now }) => {
    if (!isKindOfDate(operand)) {
      throw new MongoCommandError(
        2,
        "The '$type' string field is required to be 'date' or 'timestamp', or the value true: {$currentDate: {field : {$type: 'date'}}}",
      );
    }
    const isTimestamp = isDoc(operand) && operand.$type === 'timestamp';
    const seconds = Math.floor(now.getTime() / 1000);
    setAt(document, path, isTimestamp ? new Timestamp({ t: seconds, i: 1 }) : now);
  },
  $push: onArray(push, true),
  $addToSet: onArray(addToSet, true),
  $pop: onArray(pop, false),
  $pull: onArray(pull, false),
  $pullAll: onArray(pullAll, false),
  $bit: (document, path, operand) => {
    setAt(document, path, bitwise(valueAt(document, path), operand));
  },
};

const isKindOfDate = (operand: unknown): boolean =>
  typeof operand === 'boolean' ||
  (isDoc(operand) && (operand.$type === 'date' || operand.$type === 'timestamp'));

const isWhole = (value: unknown): boolean => ['int', 'long'].includes(numberClass(value) ?? '');

function bitwise(value: unknown, operand: unknown): unknown {
  if (!isDoc(operand)) throw new MongoCommandError(2, 'The $bit modifier needs a document');
  if ((value !== undefined && !isWhole(value)) || !Object.values(operand).every(isWhole))
    throw new MongoCommandError(2, 'The $bit modifier works on whole numbers only');
  const isLong = value instanceof Long || Object.values(operand).some((bits) => bits instanceof Long);
  let result = BigInt(toNumber(value) ?? 0);
  for (const [name, bits] of Object.entries(operand)) {
    const mask = BigInt(toNumber(bits) ?? 0);
    if (name === 'and') result &= mask;
    else if (name === 'or') result |= mask;
    else if (name === 'xor') result ^= mask;
    else
      throw new MongoCommandError(2, `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}'`);
  }
  return isLong ? Long.fromBigInt(result) : new Int32(Number(result));
}

/** True for `{$set: ...}`, false for a replacement document. */
export function hasOperators(update: Doc): boolean {
  const [first] = Object.keys(update);
  return first !== undefined && first.startsWith('$');
}

/**
 * Applies update operators in place to a document made by `decodeTyped` and returns the paths they wrote to.
 * Throws `MongoCommandError` 9 for an unknown operator, 40 if two of them touch the same path.
 */
export function applyOperators(document: Doc, update: Doc, context: UpdateContext): string[] {
  const touched: string[] = [];
  const written: string[] = [];
  const work: { readonly path: string; readonly run: () => void }[] = [];
  for (const [name, changes] of Object.entries(update)) {
    const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
    if (!operator) throw new MongoCommandError(9, unknownModifier(name));
    if (!isDoc(changes)) {
      throw new MongoCommandError(9, `Modifiers operate on fields but we found another type for ${name}`);
    }
    for (const [path, operand] of Object.entries(changes)) {
      if (name === '$rename' && operand === path) {
        throw new MongoCommandError(2, `The source and target field for $rename must differ: ${path}`);
      }
      touched.push(path, ...(name === '$rename' && typeof operand === 'string' ? [operand] : []));
      const run = (): void => {
        for (const place of concretePaths(document, path, context)) {
          const before = valueAt(document, place);
          operator(document, place, operand, context);
          const isAppending = APPENDING.has(name) && !(isDoc(operand) && '$sort' in operand);
          written.push(
            ...(isAppending ? elementPaths(place, before, valueAt(document, place)) : [place.join('.')]),
          );
          if (name === '$rename') written.push(String(operand));
        }
      };
      work.push({ path, run });
    }
  }
  refuseConflicts(touched);
  for (const { run } of work.sort((a, b) => inOrder(a.path, b.path))) run();
  return written;
}

/** Operators that may do no more than add elements to the end of an array. */
const APPENDING = new Set(['$push', '$addToSet']);

/** The new elements if an array was only extended, otherwise the whole array. */
function elementPaths(place: readonly string[], before: unknown, after: unknown): string[] {
  const path = place.join('.');
  if (!Array.isArray(before) || !Array.isArray(after) || before.length === 0) return [path];
  const isExtended = before.length < after.length && before.every((item, index) => item === after[index]);
  return isExtended
    ? after.slice(before.length).map((_, index) => `${path}.${before.length + index}`)
    : [path];
}

/** New fields are added in the order of their names, numeric names by value (MongoDB 5.0). */
function inOrder(a: string, b: string): number {
  const others = b.split('.');
  for (const [at, part] of a.split('.').entries()) {
    const other = others[at];
    if (other === undefined) return 1;
    if (part !== other) return namesInOrder(part, other);
  }
  return -1;
}

function namesInOrder(a: string, b: string): number {
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return Number(a) - Number(b);
  return a < b ? -1 : 1;
}

const unknownModifier = (name: string): string =>
  `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`;

function refuseConflicts(paths: readonly string[]): void {
  const sorted = [...paths].sort();
  for (let i = 0; i < sorted.length; i += 1) {
    const path = sorted[i] ?? '';
    const other = sorted.slice(i + 1).find((next) => next === path || next.startsWith(`${path}.`));
    if (other !== undefined) {
      throw new MongoCommandError(40, `Updating the path '${other}' would create a conflict at '${path}'`);
    }
  }
}

import { Double, Int32 } from 'bson';
import { asDoc, isDoc, setField, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { parseSort, sortKeyMaker } from '../query/sort.js';
import { namedParts } from './arguments.js';
import { distinct } from './array-operators.js';
import { mergeObjects } from './basic-operators.js';
import {
  isNullish,
  type Compiler,
  type Env,
  type Evaluate,
  type OperatorCompiler,
  type OperatorTable,
} from './compile.js';
import { add, asDouble, classOf, count, divide, isNumber, type NumberValue } from './numbers.js';
import { compare, orderKey } from './order.js';

/** The state of an accumulator for one group or window. */
export interface Accumulator {
  add(env: Env): void;
  finish(): unknown;
}

/** Creates a fresh accumulator for each group; `env` belongs to the group's first document. */
export type MakeAccumulator = (env: Env) => Accumulator;

type AccumulatorCompiler = (operand: unknown, compiler: Compiler, name: string) => MakeAccumulator;

/** Collects the values of an expression and processes all of them at the end. */
const collected =
  (finish: (values: unknown[]) => unknown): AccumulatorCompiler =>
  (operand, compiler, name) => {
    if (Array.isArray(operand) && operand.length !== 1) {
      throw new MongoCommandError(40237, `The ${name} accumulator is a unary operator`);
    }
    const value = compiler.compile(Array.isArray(operand) ? operand[0] : operand);
    return () => {
      const values: unknown[] = [];
      return { add: (env) => values.push(value(env)), finish: () => finish(values) };
    };
  };

/** Keeps one state that every value updates. */
const folded =
  <State>(
    start: () => State,
    step: (state: State, value: unknown) => State,
    finish: (state: State) => unknown,
  ): AccumulatorCompiler =>
  (operand, compiler, name) => {
    if (Array.isArray(operand) && operand.length !== 1) {
      throw new MongoCommandError(40237, `The ${name} accumulator is a unary operator`);
    }
    const value = compiler.compile(Array.isArray(operand) ? operand[0] : operand);
    return () => {
      let state = start();
      return {
        add(env) {
          state = step(state, value(env));
        },
        finish: () => finish(state),
      };
    };
  };

/** A sum that does not lose small doubles next to large ones (Kahan and Neumaier). */
interface Total {
  /** The exact sum of the integers and decimals. */
  readonly exact: NumberValue;
  readonly double: number;
  readonly rest: number;
  readonly hasDouble: boolean;
  readonly count: number;
}

const NOTHING: Total = { exact: new Int32(0), double: 0, rest: 0, hasDouble: false, count: 0 };

function addTo(total: Total, value: unknown): Total {
  if (!isNumber(value)) return total;
  const times = total.count + 1;
  if (classOf(value) !== 'double') return { ...total, exact: add(total.exact, value), count: times };
  const next = asDouble(value);
  const double = total.double + next;
  const roundingError =
    Math.abs(total.double) >= Math.abs(next) ? total.double - double + next : next - double + total.double;
  return {
    ...total,
    double,
    rest: total.rest + (Number.isFinite(roundingError) ? roundingError : 0),
    hasDouble: true,
    count: times,
  };
}

function totalOf(total: Total): NumberValue {
  if (!total.hasDouble) return total.exact;
  if (classOf(total.exact) === 'decimal') return add(total.exact, new Double(total.double + total.rest));
  return new Double(total.double + (asDouble(total.exact) + total.rest));
}

const average = (total: Total): unknown => {
  if (total.count === 0) return null;
  const sum = totalOf(total);
  return classOf(sum) === 'decimal'
    ? divide(sum, new Int32(total.count))
    : new Double(asDouble(sum) / total.count);
};

export const sumOf = (values: readonly unknown[]): unknown => totalOf(values.reduce(addTo, NOTHING));
const averageOf = (values: readonly unknown[]): unknown => average(values.reduce(addTo, NOTHING));

export function deviation(values: readonly unknown[], isSample: boolean): unknown {
  const numbers = values.filter(isNumber).map(asDouble);
  if (numbers.length < (isSample ? 2 : 1)) return null;
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  const square = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return new Double(Math.sqrt(square / (numbers.length - (isSample ? 1 : 0))));
}

const better = (sign: 1 | -1, a: unknown, b: unknown): unknown => {
  if (isNullish(b)) return a;
  return a === undefined || sign * compare(b, a) < 0 ? b : a;
};

const extreme = (sign: 1 | -1): AccumulatorCompiler =>
  folded<unknown>(
    () => undefined,
    (best, value) => better(sign, best, value),
    (best) => best ?? null,
  );

const extremeOf = (sign: 1 | -1, values: readonly unknown[]): unknown =>
  values.reduce((best: unknown, value) => better(sign, best, value), undefined) ?? null;

function percentile(values: readonly unknown[], p: number): unknown {
  const numbers = values
    .filter(isNumber)
    .map(asDouble)
    .sort((a, b) => a - b);
  if (numbers.length === 0) return null;
  return new Double(numbers[Math.max(0, Math.ceil(p * numbers.length) - 1)] ?? NaN);
}

function percentiles(p: unknown): number[] {
  const fractions = Array.isArray(p) ? p.map((item) => (isNumber(item) ? asDouble(item) : NaN)) : [];
  if (fractions.length === 0 || fractions.some((item) => !(item >= 0 && item <= 1))) {
    throw new MongoCommandError(
      7750301,
      "The $percentile 'p' field must be an array of numbers from 0.0 to 1.0",
    );
  }
  return fractions;
}

const positiveN = (value: unknown, name: string): number => {
  const n = isNumber(value) ? asDouble(value) : NaN;
  if (!Number.isInteger(n) || n < 1)
    throw new MongoCommandError(5787908, `'n' must be greater than 0 in ${name}, found ${String(value)}`);
  return n;
};

/** `$firstN` and similar: `{n, input}`. */
const manyOf =
  (finish: (values: unknown[], n: number) => unknown[]): AccumulatorCompiler =>
  (operand, compiler, name) => {
    const parts = namedParts(operand, compiler, name, ['n', 'input']);
    return (first) => {
      const n = positiveN(parts.n?.(first), name);
      const values: unknown[] = [];
      return { add: (env) => values.push(parts.input?.(env)), finish: () => finish(values, n) };
    };
  };

const nullsOf = (values: readonly unknown[]): unknown[] => values.map((value) => value ?? null);

/** `$top` and similar: `{sortBy, output}`, and `n` for several. */
const ranked =
  (end: 'top' | 'bottom', isMany: boolean): AccumulatorCompiler =>
  (operand, compiler, name) => {
    if (!isDoc(operand))
      throw new MongoCommandError(5788001, `specification must be an object; found ${name}`);
    const { sortBy, ...rest } = operand;
    if (!isDoc(sortBy)) throw new MongoCommandError(5788005, `Missing value for 'sortBy' in ${name}`);
    const keyOf = sortKeyMaker(parseSort(sortBy));
    const parts = namedParts(rest, compiler, name, isMany ? ['n', 'output'] : ['output']);
    return (first) => {
      const n = isMany ? positiveN(parts.n?.(first), name) : 1;
      const rows: { key: string; value: unknown }[] = [];
      return {
        add: (env) => rows.push({ key: keyOf(asDoc(env.root) ?? {}), value: parts.output?.(env) ?? null }),
        finish() {
          rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
          const values = (end === 'top' ? rows.slice(0, n) : rows.slice(-n)).map(({ value }) => value);
          return isMany ? values : (values[0] ?? null);
        },
      };
    };
  };

const ACCUMULATORS: Readonly<Record<string, AccumulatorCompiler>> = {
  $sum: folded(() => NOTHING, addTo, totalOf),
  $avg: folded(() => NOTHING, addTo, average),
  $min: extreme(1),
  $max: extreme(-1),
  $push: collected((values) => values.filter((value) => value !== undefined)),
  $addToSet: collected((values) => [...distinct(values.filter((value) => value !== undefined)).values()]),
  $first: folded<{ value: unknown } | undefined>(
    () => undefined,
    (state, value) => state ?? { value },
    (state) => state?.value ?? null,
  ),
  $last: folded<unknown>(
    () => null,
    (_state, value) => value,
    (value) => value ?? null,
  ),
  $stdDevPop: collected((values) => deviation(values, false)),
  $stdDevSamp: collected((values) => deviation(values, true)),
  $mergeObjects: collected((values) => mergeObjects(values, '$mergeObjects')),
  $count: (operand) => {
    if (!isDoc(operand) || Object.keys(operand).length > 0)
      throw new MongoCommandError(9, '$count takes no arguments, i.e. $count:{}');
    return () => {
      let n = 0;
      return { add: () => (n += 1), finish: () => count(n) };
    };
  },
  $firstN: manyOf((values, n) => nullsOf(values.slice(0, n))),
  $lastN: manyOf((values, n) => nullsOf(values.slice(-n))),
  $maxN: manyOf((values, n) =>
    values
      .filter((value) => !isNullish(value))
      .sort((a, b) => -compare(a, b))
      .slice(0, n),
  ),
  $minN: manyOf((values, n) =>
    values
      .filter((value) => !isNullish(value))
      .sort(compare)
      .slice(0, n),
  ),
  $top: ranked('top', false),
  $topN: ranked('top', true),
  $bottom: ranked('bottom', false),
  $bottomN: ranked('bottom', true),
  $median: (operand, compiler, name) => {
    const parts = namedParts(operand, compiler, name, ['input', 'method']);
    return () => {
      const values: unknown[] = [];
      return { add: (env) => values.push(parts.input?.(env)), finish: () => percentile(values, 0.5) };
    };
  },
  $percentile: (operand, compiler, name) => {
    const parts = namedParts(operand, compiler, name, ['input', 'method', 'p']);
    return (first) => {
      const fractions = percentiles(parts.p?.(first));
      const values: unknown[] = [];
      return {
        add: (env) => values.push(parts.input?.(env)),
        finish: () => fractions.map((p) => percentile(values, p)),
      };
    };
  },
};

/** Compiles one field of `$group`. Throws `MongoCommandError` 15952 for an unknown accumulator. */
export function compileAccumulator(spec: unknown, compiler: Compiler, fieldName: string): MakeAccumulator {
  const names = isDoc(spec) ? Object.keys(spec) : [];
  const [name] = names;
  if (!isDoc(spec) || name === undefined) {
    throw new MongoCommandError(40234, `The field '${fieldName}' must be an accumulator object`);
  }
  if (names.length !== 1)
    throw new MongoCommandError(40238, `The field '${fieldName}' must specify one accumulator`);
  const make = Object.hasOwn(ACCUMULATORS, name) ? ACCUMULATORS[name] : undefined;
  if (!make) throw new MongoCommandError(15952, `unknown group operator '${name}'`);
  return make(spec[name], compiler, name);
}

/** The expression form, over an array or several operands: `{$sum: '$scores'}` or `{$sum: [a, b]}`. */
const overValues =
  (work: (values: readonly unknown[]) => unknown): OperatorCompiler =>
  (operand, compiler) => {
    const parts: Evaluate[] = (Array.isArray(operand) ? operand : [operand]).map((item) =>
      compiler.compile(item),
    );
    return (env) => {
      const values = parts.map((part) => part(env));
      const [only] = values;
      return work(values.length === 1 && Array.isArray(only) ? (only as unknown[]) : values);
    };
  };

export const accumulatingOperators: OperatorTable = {
  $sum: overValues(sumOf),
  $avg: overValues(averageOf),
  $min: overValues((values) => extremeOf(1, values)),
  $max: overValues((values) => extremeOf(-1, values)),
  $stdDevPop: overValues((values) => deviation(values, false)),
  $stdDevSamp: overValues((values) => deviation(values, true)),
  $median: (operand, compiler, name) => {
    const parts = namedParts(operand, compiler, name, ['input', 'method']);
    return (env) => percentile([parts.input?.(env)].flat(), 0.5);
  },
  $percentile: (operand, compiler, name) => {
    const parts = namedParts(operand, compiler, name, ['input', 'method', 'p']);
    return (env) => {
      const values = [parts.input?.(env)].flat();
      return percentiles(parts.p?.(env)).map((p) => percentile(values, p));
    };
  },
};

/** Groups documents by a key; every group has an accumulator for each field. */
export class Groups {
  readonly #groups = new Map<string, { readonly id: unknown; readonly fields: Accumulator[] }>();
  readonly #fields: readonly { readonly name: string; readonly make: MakeAccumulator }[];

  constructor(fields: Doc, compiler: Compiler) {
    this.#fields = Object.entries(fields).map(([name, spec]) => {
      if (name.includes('.'))
        throw new MongoCommandError(40235, `The field name '${name}' cannot contain '.'`);
      if (name.startsWith('$'))
        throw new MongoCommandError(40236, `The field name '${name}' cannot be an operator name`);
      return { name, make: compileAccumulator(spec, compiler, name) };
    });
  }

  add(id: unknown, env: Env): void {
    const value = id ?? null;
    const key = orderKey(value);
    let group = this.#groups.get(key);
    if (!group) {
      group = { id: value, fields: this.#fields.map(({ make }) => make(env)) };
      this.#groups.set(key, group);
    }
    for (const field of group.fields) field.add(env);
  }

  finish(): Doc[] {
    return [...this.#groups.values()].map(({ id, fields }) => {
      const out: Doc = { _id: id };
      fields.forEach((field, i) => {
        const value = field.finish();
        if (value !== undefined) setField(out, this.#fields[i]?.name ?? '', value);
      });
      return out;
    });
  }
}

import { Int32 } from 'bson';
import { isDoc, toNumber } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { parseSort, sortKeyMaker } from '../query/sort.js';
import { any, bindEach, named, namedParts, one, some, two } from './arguments.js';
import { isNullish, isTruthy, type OperatorCompiler, type OperatorTable } from './compile.js';
import { asDouble, count, isNumber } from './numbers.js';
import { compare, orderKey, typeName } from './order.js';

function integral(value: unknown, name: string, code: number): number {
  const number = isNumber(value) ? asDouble(value) : NaN;
  if (!Number.isInteger(number))
    throw new MongoCommandError(code, `${name} requires an integral number, found: ${typeName(value)}`);
  return number;
}

function arrayOf(value: unknown, name: string, code: number): readonly unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  throw new MongoCommandError(code, `${name} requires an array, found: ${typeName(value)}`);
}

const edge = (end: 'first' | 'last'): OperatorCompiler =>
  one((value, name) => {
    if (isNullish(value)) return null;
    const items = arrayOf(value, name, 28689);
    return end === 'first' ? items[0] : items.at(-1);
  });

function positive(value: unknown, name: string): number {
  const number = isNumber(value) ? asDouble(value) : NaN;
  if (!Number.isInteger(number) || number < 1)
    throw new MongoCommandError(5787908, `'n' must be greater than 0 in ${name}, found ${String(value)}`);
  return number;
}

const takeN = (take: (items: readonly unknown[], n: number) => unknown[]): OperatorCompiler =>
  named(['n', 'input'], [], ({ n, input }, name) => {
    const many = positive(n, name);
    return take(arrayOf(input, name, 5788200), many);
  });

export const ordered = (items: readonly unknown[], sign: 1 | -1): unknown[] =>
  items.filter((item) => !isNullish(item)).sort((a, b) => sign * compare(a, b));

function slice(values: readonly unknown[], name: string): unknown {
  const [source, first, second] = values;
  if (isNullish(source) || isNullish(first)) return null;
  const items = arrayOf(source, name, 28724);
  const start = integral(first, name, 28725);
  if (values.length === 2) return start < 0 ? items.slice(start) : items.slice(0, start);
  if (isNullish(second)) return null;
  const length = integral(second, name, 28727);
  if (length <= 0) throw new MongoCommandError(28729, `Third argument to $slice must be positive: ${length}`);
  const from = start < 0 ? Math.max(0, items.length + start) : start;
  return items.slice(from, from + length);
}

function range([first, last, step = new Int32(1)]: readonly unknown[], name: string): unknown[] {
  const [from, to, by] = [
    integral(first, name, 34443),
    integral(last, name, 34445),
    integral(step, name, 34447),
  ];
  if (by === 0) throw new MongoCommandError(34449, '$range requires a non-zero step value');
  if ((to - from) / by > 2_000_000) throw new MongoCommandError(146, '$range would use too much memory');
  const out: unknown[] = [];
  for (let n = from; by > 0 ? n < to : n > to; n += by) out.push(new Int32(n));
  return out;
}

const perItem =
  (
    finish: (items: readonly unknown[], results: readonly unknown[], limit: number | undefined) => unknown,
    body: string,
    optional: readonly string[],
  ): OperatorCompiler =>
  (operand, compiler, name) => {
    if (!isDoc(operand))
      throw new MongoCommandError(28646, `${name} only supports an object as its argument`);
    const { as = 'this', [body]: inner, ...rest } = operand;
    if (inner === undefined) throw new MongoCommandError(28648, `Missing '${body}' parameter to ${name}`);
    const parts = namedParts(rest, compiler, name, ['input'], optional);
    const variable = String(as);
    const each = compiler.with([variable]).compile(inner);
    return (env) => {
      const value = parts.input?.(env);
      if (isNullish(value)) return null;
      const items = arrayOf(value, name, body === 'in' ? 16883 : 28651);
      const limit = parts.limit?.(env);
      const bind = bindEach(env, variable);
      const most = isNullish(limit) ? undefined : positive(limit, name);
      return finish(
        items,
        items.map((item) => each(bind(item))),
        most,
      );
    };
  };

const reduce: OperatorCompiler = (operand, compiler, name) => {
  if (!isDoc(operand)) throw new MongoCommandError(40075, '$reduce requires an object as an argument');
  const { in: body, ...rest } = operand;
  if (body === undefined) throw new MongoCommandError(40079, "$reduce requires 'in' to be specified");
  const parts = namedParts(rest, compiler, name, ['input', 'initialValue']);
  const step = compiler.with(['this', 'value']).compile(body);
  return (env) => {
    const value = parts.input?.(env);
    if (isNullish(value)) return null;
    const vars: Record<string, unknown> = { ...env.vars, value: parts.initialValue?.(env) };
    for (const item of arrayOf(value, name, 40080)) {
      vars.this = item;
      vars.value = step({ root: env.root, vars });
    }
    return vars.value;
  };
};

const zip: OperatorCompiler = (operand, compiler, name) => {
  if (!isDoc(operand) || !Array.isArray(operand.inputs))
    throw new MongoCommandError(34461, '$zip requires inputs to be an array');
  const inputs = operand.inputs.map((input) => compiler.compile(input));
  const useLongest = operand.useLongestLength === true;
  const defaults = operand.defaults === undefined ? undefined : compiler.compile(operand.defaults);
  if (defaults && !useLongest)
    throw new MongoCommandError(34466, '$zip useLongestLength must be set if defaults is specified');
  return (env) => {
    const values = inputs.map((input) => input(env));
    if (values.some(isNullish)) return null;
    const lists = values.map((value) => arrayOf(value, name, 34468));
    const lengths = lists.map(({ length }) => length);
    const length = useLongest ? Math.max(0, ...lengths) : Math.min(...lengths);
    const missing = defaults?.(env);
    return Array.from({ length }, (_, i) =>
      lists.map(
        (list, at) => list[i] ?? (Array.isArray(missing) ? ((missing as unknown[])[at] ?? null) : null),
      ),
    );
  };
};

function sortArray(input: unknown, by: unknown, name: string): unknown {
  if (isNullish(input)) return null;
  const items = [...arrayOf(input, name, 2942504)];
  const direction = toNumber(by);
  if (direction !== undefined) return items.sort((a, b) => (direction < 0 ? -1 : 1) * compare(a, b));
  const keyOf = sortKeyMaker(parseSort(by));
  const rows = items.map((item) => ({ item, key: keyOf(isDoc(item) ? item : {}) }));
  return rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ item }) => item);
}

const extreme = (sign: 1 | -1): OperatorCompiler => takeN((items, n) => ordered(items, sign).slice(0, n));

export const arrayOperators: OperatorTable = {
  $arrayElemAt: two((source, index, name) => {
    if (isNullish(source) || isNullish(index)) return null;
    const items = arrayOf(source, name, 28689);
    return items.at(integral(index, name, 28690));
  }),
  $first: edge('first'),
  $last: edge('last'),
  $firstN: takeN((items, n) => items.slice(0, n)),
  $lastN: takeN((items, n) => items.slice(-n)),
  $maxN: extreme(-1),
  $minN: extreme(1),
  $concatArrays: any((values, name) => {
    const out: unknown[] = [];
    for (const value of values) {
      if (isNullish(value)) return null;
      out.push(...arrayOf(value, name, 28664));
    }
    return out;
  }),
  $slice: some(2, 3, slice),
  $in: two((value, array, name) => {
    const key = orderKey(value);
    return arrayOf(array, name, 40081).some((item) => orderKey(item) === key);
  }),
  $indexOfArray: some(2, 4, ([array, value, from = new Int32(0), to], name) => {
    if (isNullish(array)) return null;
    const items = arrayOf(array, name, 40090);
    const [start, end] = [
      integral(from, name, 40096),
      to === undefined ? items.length : integral(to, name, 40096),
    ];
    const key = orderKey(value);
    for (let at = start; at < Math.min(end, items.length); at += 1)
      if (orderKey(items[at]) === key) return count(at);
    return new Int32(-1);
  }),
  $range: some(2, 3, range),
  $reverseArray: one((value, name) => (isNullish(value) ? null : [...arrayOf(value, name, 34435)].reverse())),
  $map: perItem((_items, results) => results.map((result) => result ?? null), 'in', []),
  $filter: perItem(
    (items, results, limit) => items.filter((_item, i) => isTruthy(results[i])).slice(0, limit),
    'cond',
    ['limit'],
  ),
  $reduce: reduce,
  $zip: zip,
  $sortArray: (operand, compiler, name) => {
    if (!isDoc(operand) || !('sortBy' in operand))
      throw new MongoCommandError(2942502, "$sortArray requires 'sortBy' to be specified");
    const { input } = namedParts({ input: operand.input }, compiler, name, ['input']);
    return (env) => sortArray(input?.(env), operand.sortBy, name);
  },
};

/** Distinct values by key, in order of first appearance. */
export function distinct(values: Iterable<unknown>): Map<string, unknown> {
  const out = new Map<string, unknown>();
  for (const value of values) {
    const key = orderKey(value);
    if (!out.has(key)) out.set(key, value);
  }
  return out;
}

const sets = (
  work: (sets: readonly Map<string, unknown>[]) => unknown,
  code: number,
  isNullResult: boolean,
): OperatorCompiler =>
  any((values, name) => {
    if (isNullResult && values.some(isNullish)) return null;
    return work(values.map((value) => distinct(arrayOf(value, name, code))));
  });

const sorted = (set: ReadonlyMap<string, unknown>): unknown[] =>
  [...set].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, value]) => value);

const same = (a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean =>
  a.size === b.size && [...a.keys()].every((key) => b.has(key));

export const setOperators: OperatorTable = {
  $setUnion: sets((all) => sorted(new Map(all.flatMap((set) => [...set]))), 17043, true),
  $setIntersection: sets(
    ([first = new Map<string, unknown>(), ...rest]) =>
      sorted(new Map([...first].filter(([key]) => rest.every((set) => set.has(key))))),
    17047,
    true,
  ),
  $setDifference: two((a, b, name) => {
    if (isNullish(a) || isNullish(b)) return null;
    const excludedKeys = distinct(arrayOf(b, name, 17049));
    return [...distinct(arrayOf(a, name, 17048))]
      .filter(([key]) => !excludedKeys.has(key))
      .map(([, value]) => value);
  }),
  $setEquals: sets(
    ([first, ...rest]) => rest.every((set) => first !== undefined && same(first, set)),
    17044,
    false,
  ),
  $setIsSubset: two((a, b, name) => {
    const all = distinct(arrayOf(b, name, 17042));
    return [...distinct(arrayOf(a, name, 17046)).keys()].every((key) => all.has(key));
  }),
  $allElementsTrue: one((value, name) => arrayOf(value, name, 17040).every(isTruthy)),
  $anyElementTrue: one((value, name) => arrayOf(value, name, 17041).some(isTruthy)),
};

import { checkWindowFunction } from './stage-arguments.js';
import { Double } from 'bson';
import { isDoc, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { parseSort, sortKeyMaker, type SortField } from '../query/sort.js';
import { isPause, isWork, sortByKey, type Work } from '../work.js';
import { compileAccumulator } from './accumulators.js';
import { addTo, isUnit, UTC, type Unit } from './calendar.js';
import { valueAt, type Compiler, type Env } from './compile.js';
import { densify, fill, linear } from './gap-stages.js';
import { asDouble, count, isNumber } from './numbers.js';
import { compare, orderKey } from './order.js';
import { environment, type StageCompiler, type StageTable } from './pipeline.js';
import { withValueAt } from './shape.js';

/** The documents of one partition in order, as seen by a window function. */
export interface Partition {
  readonly rows: readonly Env[];
  readonly documents: readonly Doc[];
  /** Equal for documents that the sort does not distinguish. */
  readonly keys: readonly string[];
  readonly sort: readonly SortField[];
  /** Per document, the value of the first field of the sort. */
  readonly positions: readonly unknown[];
}

/** One value per row of a partition. */
type WindowFunction = (partition: Partition) => readonly unknown[] | Work<readonly unknown[]>;

type Edge = 'unbounded' | 'current' | number;

interface Bounds {
  readonly type: 'documents' | 'range';
  readonly low: Edge;
  readonly high: Edge;
  readonly unit: Unit | undefined;
}

/** Documents of windows visited between two pauses. */
const ROWS_PER_STEP = 1_000;

const WHOLE: Bounds = { type: 'documents', low: 'unbounded', high: 'unbounded', unit: undefined };

function edgeOf(value: unknown): Edge {
  if (value === 'unbounded' || value === 'current') return value;
  const number = toNumber(value);
  if (number === undefined)
    throw new MongoCommandError(5339902, "Window bounds must be 'unbounded', 'current', or a number.");
  return number;
}

function boundsOf(window: unknown): Bounds {
  if (!isDoc(window) || Object.keys(window).length === 0) return WHOLE;
  const type = 'range' in window ? 'range' : 'documents';
  const pair = window[type];
  if (!Array.isArray(pair) || pair.length !== 2 || ('range' in window && 'documents' in window)) {
    throw new MongoCommandError(5339901, 'Window bounds must be a 2-element array.');
  }
  const unit = isUnit(window.unit) ? window.unit : undefined;
  return { type, low: edgeOf(pair[0]), high: edgeOf(pair[1]), unit };
}

/** First and last row of a row's window; empty if the first is negative or the last comes before it. */
function windowOf(partition: Partition, at: number, bounds: Bounds): readonly [number, number] {
  const last = partition.rows.length - 1;
  if (bounds.type === 'range') return rangeOf(partition, at, bounds);
  const low = bounds.low === 'unbounded' ? 0 : bounds.low === 'current' ? at : at + bounds.low;
  const high = bounds.high === 'unbounded' ? last : bounds.high === 'current' ? at : at + bounds.high;
  return [Math.max(0, low), Math.min(last, high)];
}

function rangeOf(
  { positions, sort }: Partition,
  at: number,
  { low, high, unit }: Bounds,
): readonly [number, number] {
  if (sort.length !== 1)
    throw new MongoCommandError(5339902, 'Range-based bounds require sortBy a single field');
  const moved = (edge: Edge): unknown => {
    if (edge === 'unbounded') return undefined;
    const value = positions[at];
    const by_ = edge === 'current' ? 0 : edge;
    if (value instanceof Date) {
      if (!unit)
        throw new MongoCommandError(
          5429513,
          "Expected the sortBy field to be a number: use 'unit' with dates",
        );
      return new Date(addTo(value.getTime(), unit, by_, UTC));
    }
    if (!isNumber(value))
      throw new MongoCommandError(5429414, 'Invalid range: Expected the sortBy field to be a number');
    return new Double(asDouble(value) + by_);
  };
  const [from, to] = [moved(low), moved(high)];
  const inside = (value: unknown): boolean =>
    (from === undefined || compare(value, from) >= 0) && (to === undefined || compare(value, to) <= 0);
  return [positions.findIndex(inside), positions.findLastIndex(inside)];
}

function overWindows(spec: Doc, name: string, bounds: Bounds, compiler: Compiler): WindowFunction {
  const make = compileAccumulator({ [name]: spec[name] }, compiler, name);
  return function* run(partition) {
    const { rows } = partition;
    const values: unknown[] = [];
    let looked = 0;
    for (const [at, row] of rows.entries()) {
      const [from, to] = windowOf(partition, at, bounds);
      // A range is searched for among all documents of the partition.
      looked += bounds.type === 'range' ? rows.length : 1;
      const accumulator = make(row);
      for (let i = from < 0 ? rows.length : from; i <= to; i += 1) {
        accumulator.add(rows[i] ?? row);
        looked += 1;
      }
      values.push(accumulator.finish());
      if (looked < ROWS_PER_STEP) continue;
      looked = 0;
      yield;
    }
    return values;
  };
}

const rank =
  (isDense: boolean): WindowFunction =>
  ({ keys }) => {
    let [place, dense] = [0, 0];
    return keys.map((key, i) => {
      if (i === 0 || key !== keys[i - 1]) {
        place = i + 1;
        dense += 1;
      }
      return count(isDense ? dense : place);
    });
  };

function shift(spec: unknown, compiler: Compiler): WindowFunction {
  if (!isDoc(spec)) throw new MongoCommandError(9, 'Argument to $shift must be an object');
  const by = toNumber(spec.by) ?? 0;
  const output = compiler.compile(spec.output);
  const missing = spec.default === undefined ? () => null : compiler.compile(spec.default);
  return ({ rows }) =>
    rows.map((row, at) => {
      const other = rows[at + by];
      return other ? (output(other) ?? null) : missing(row);
    });
}

function expMovingAvg(spec: unknown, compiler: Compiler): WindowFunction {
  if (!isDoc(spec)) throw new MongoCommandError(9, 'Argument to $expMovingAvg must be an object');
  const alpha = toNumber(spec.alpha) ?? 2 / ((toNumber(spec.N) ?? NaN) + 1);
  if (!(alpha > 0 && alpha <= 1))
    throw new MongoCommandError(9, "$expMovingAvg requires either 'N' or 'alpha' between 0 and 1");
  const input = compiler.compile(spec.input);
  return ({ rows }) => {
    let state: number | undefined;
    return rows.map((row) => {
      const value = input(row);
      if (isNumber(value))
        state = state === undefined ? asDouble(value) : alpha * asDouble(value) + (1 - alpha) * state;
      return state === undefined ? null : new Double(state);
    });
  };
}

const FUNCTIONS: Readonly<Record<string, (spec: unknown, compiler: Compiler) => WindowFunction>> = {
  $rank: () => rank(false),
  $denseRank: () => rank(true),
  $documentNumber: () => (partition) => partition.rows.map((_row, at) => count(at + 1)),
  $shift: shift,
  $expMovingAvg: expMovingAvg,
  $locf: (spec, compiler) => {
    const input = compiler.compile(spec);
    return ({ rows }) => {
      let last: unknown = null;
      return rows.map((row) => {
        last = input(row) ?? last;
        return last;
      });
    };
  },
  $linearFill: (spec, compiler) => {
    const input = compiler.compile(spec);
    return ({ rows, positions }) => linear(rows.map(input), positions);
  },
};

const RANKS = new Set(['$rank', '$denseRank', '$documentNumber']);
const REFUSED = new Set(['$derivative', '$integral', '$covariancePop', '$covarianceSamp']);

function windowFunction(
  spec: unknown,
  sort: readonly SortField[],
  compiler: Compiler,
  fieldName: string,
): WindowFunction {
  if (!isDoc(spec))
    throw new MongoCommandError(9, `The field '${fieldName}' must be a window function object`);
  checkWindowFunction(spec);
  const { window, ...rest } = spec;
  const [name = ''] = Object.keys(rest);
  if (REFUSED.has(name)) throw new MongoCommandError(115, `${name} is not supported by the embedded store`);
  const special = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!special) return overWindows(rest, name, boundsOf(window), compiler);
  if (window !== undefined) throw new MongoCommandError(5371601, `${name} does not accept a 'window' field`);
  if (RANKS.has(name) && sort.length === 0)
    throw new MongoCommandError(5371602, `${name} must be specified with a top level sortBy expression`);
  return special(rest[name], compiler);
}

/** Groups documents by the value of an expression, in the order of these values. */
function partitions(documents: readonly Doc[], keyOf: (document: Doc) => unknown): Doc[][] {
  const out = new Map<string, Doc[]>();
  for (const document of documents) {
    const key = orderKey(keyOf(document) ?? null);
    const bucket = out.get(key);
    if (bucket) bucket.push(document);
    else out.set(key, [document]);
  }
  return [...out].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rows]) => rows);
}

const setWindowFields: StageCompiler = (spec, compiler) => {
  if (!isDoc(spec) || !isDoc(spec.output))
    throw new MongoCommandError(
      40414,
      "the $setWindowFields stage specification must be an object with 'output'",
    );
  const partitionBy = spec.partitionBy === undefined ? undefined : compiler.compile(spec.partitionBy);
  const sort = parseSort(spec.sortBy);
  const keyOf = sortKeyMaker(sort);
  const by = (sort[0]?.path ?? '').split('.');
  const outputs = Object.entries(spec.output).map(([name, output]) => ({
    path: name.split('.'),
    run: windowFunction(output, sort, compiler, name),
  }));
  return function* run(documents, context) {
    const out: Doc[] = [];
    const groups = partitions(documents, (document) => partitionBy?.(environment(document, context)));
    for (const [index, group] of groups.entries()) {
      const sorted = yield* sortByKey(group.map((document) => ({ document, key: keyOf(document) })));
      const rows = sorted.map(({ document }) => environment(document, context));
      const partition: Partition = {
        rows,
        documents: sorted.map(({ document }) => document),
        keys: sorted.map(({ key }) => key),
        sort,
        positions: sorted.map(({ document }) => valueAt(document, by)),
      };
      const columns: { readonly path: readonly string[]; readonly values: readonly unknown[] }[] = [];
      for (const { path, run: compute } of outputs) {
        const values = compute(partition);
        columns.push({ path, values: isWork(values) ? yield* values : values });
        yield;
      }
      partition.documents.forEach((document, at) => {
        out.push(columns.reduce((row, { path, values }) => withValueAt(row, path, values[at]), document));
      });
      if (isPause(index)) yield;
    }
    return out;
  };
};

export const windowStages: StageTable = { $setWindowFields: setWindowFields, $densify: densify, $fill: fill };

import { refuseUnknownArguments } from './stage-arguments.js';
import { Double, Int32 } from 'bson';
import { isDoc, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { parseSort, sortKeyMaker } from '../query/sort.js';
import { addTo, isUnit, UTC, type Unit } from './calendar.js';
import { valueAt, type Evaluate } from './compile.js';
import { asDouble, classOf, isNumber } from './numbers.js';
import { compare, orderKey } from './order.js';
import { environment, type StageCompiler } from './pipeline.js';
import { withValueAt } from './shape.js';

const MAX_MADE = 500_000;
const bad = (code: number, message: string): MongoCommandError => new MongoCommandError(code, message);

function grouped(documents: readonly Doc[], keyOf: (document: Doc) => unknown): Doc[][] {
  const out = new Map<string, Doc[]>();
  for (const document of documents) {
    const key = orderKey(keyOf(document) ?? null);
    const bucket = out.get(key);
    if (bucket) bucket.push(document);
    else out.set(key, [document]);
  }
  return [...out.values()];
}

/** Returns the value one step later; dates step by the calendar. */
function stepper(step: number, unit: Unit | undefined): (value: unknown) => unknown {
  return (value) => {
    if (value instanceof Date) {
      if (!unit) throw bad(6053600, "$densify with dates needs a 'unit'");
      return new Date(addTo(value.getTime(), unit, step, UTC));
    }
    const next = asDouble(value) + step;
    return classOf(value) === 'int' && Number.isInteger(next) ? new Int32(next) : new Double(next);
  };
}

/** `$densify`: adds documents for the missing values of a field. */
export const densify: StageCompiler = (spec) => {
  if (!isDoc(spec) || typeof spec.field !== 'string' || !isDoc(spec.range))
    throw bad(5733201, 'the $densify stage needs a field and a range');
  refuseUnknownArguments('$densify.range', spec.range);
  const path = spec.field.split('.');
  const { bounds, unit, step } = spec.range;
  const size = toNumber(step) ?? 0;
  if (!(size > 0))
    throw bad(5733401, 'the step parameter in a range statement must be a strictly positive numeric value');
  const by = Array.isArray(spec.partitionByFields) ? spec.partitionByFields.map(String) : [];
  const next = stepper(size, isUnit(unit) ? unit : undefined);
  return function* run(documents) {
    const has = (document: Doc): boolean => {
      const value = valueAt(document, path);
      if (value === undefined || value === null) return false;
      if (isNumber(value) || value instanceof Date) return true;
      throw bad(5733201, 'Densify field type must be numeric or a date');
    };
    const out: Doc[] = documents.filter((document) => !has(document));
    const documentsWithValue = documents.filter(has);
    const all = documentsWithValue.map((document) => valueAt(document, path)).sort(compare);
    let generatedCount = 0;
    for (const group of grouped(documentsWithValue, (document) =>
      by.map((name) => valueAt(document, name.split('.')) ?? null),
    )) {
      group.sort((a, b) => compare(valueAt(a, path), valueAt(b, path)));
      const shared = by.reduce<Doc>((document, name) => {
        const value = group[0] && valueAt(group[0], name.split('.'));
        return value === undefined ? document : withValueAt(document, name.split('.'), value);
      }, {});
      const fresh = (value: unknown): Doc => withValueAt(shared, path, value);
      const [low, high, isClosed] = limits(
        bounds,
        all,
        group.map((document) => valueAt(document, path)),
      );
      let at = low;
      for (const document of group) {
        const value = valueAt(document, path);
        while (compare(at, value) < 0 && compare(at, high) < 0) {
          if (compare(at, low) >= 0) out.push(fresh(at));
          if ((generatedCount += 1) > MAX_MADE)
            throw bad(5897900, 'Generated too many documents in $densify');
          at = next(at);
        }
        if (compare(at, value) === 0) at = next(at);
        out.push(document);
      }
      for (; compare(at, high) < (isClosed ? 1 : 0); at = next(at)) {
        out.push(fresh(at));
        if ((generatedCount += 1) > MAX_MADE) throw bad(5897900, 'Generated too many documents in $densify');
      }
      yield;
    }
    return out;
  };
};

function limits(
  bounds: unknown,
  all: readonly unknown[],
  group: readonly unknown[],
): [unknown, unknown, boolean] {
  if (Array.isArray(bounds) && bounds.length === 2) return [bounds[0], bounds[1], false];
  const values = bounds === 'full' ? all : group;
  if (bounds !== 'full' && bounds !== 'partition')
    throw bad(5946802, "the bounds must be an array of two, 'full' or 'partition'");
  return [values[0], values.at(-1), true];
}

interface Filling {
  readonly path: readonly string[];
  readonly method: 'value' | 'locf' | 'linear';
  readonly value: Evaluate | undefined;
}

/** `$fill`: sets fields that are missing or null. */
export const fill: StageCompiler = (spec, compiler) => {
  if (!isDoc(spec) || !isDoc(spec.output)) throw bad(6050204, "the $fill stage needs an 'output'");
  const sort = parseSort(spec.sortBy);
  const keyOf = sortKeyMaker(sort);
  const fillings = Object.entries(spec.output).map(([name, how]): Filling => {
    if (!isDoc(how)) throw bad(6050202, `the filling of '${name}' must be an object`);
    refuseUnknownArguments('$fill.output', how);
    if ('value' in how) return { path: name.split('.'), method: 'value', value: compiler.compile(how.value) };
    if (how.method !== 'locf' && how.method !== 'linear')
      throw bad(6050202, 'Method must be either locf or linear');
    if (sort.length === 0) throw bad(605001, 'sortBy must be specified for this method');
    return { path: name.split('.'), method: how.method, value: undefined };
  });
  const byFields = Array.isArray(spec.partitionByFields) ? spec.partitionByFields.map(String) : [];
  const by = spec.partitionBy === undefined ? undefined : compiler.compile(spec.partitionBy);
  return function* run(documents, context) {
    const out: Doc[] = [];
    const keyFor = (document: Doc): unknown =>
      by
        ? by(environment(document, context))
        : byFields.map((name) => valueAt(document, name.split('.')) ?? null);
    for (const group of grouped(documents, keyFor)) {
      const rows = group.map((document) => ({ document, key: keyOf(document) }));
      if (sort.length > 0) rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
      const sorted = rows.map(({ document }) => document);
      const places = sorted.map((document) => valueAt(document, (sort[0]?.path ?? '').split('.')));
      const columns = fillings.map((filling) =>
        filled(filling, sorted, places, (document, value) => value(environment(document, context))),
      );
      sorted.forEach((document, i) => {
        out.push(
          fillings.reduce((result, { path }, column) => {
            const value = columns[column]?.[i];
            return value === undefined ? result : withValueAt(result, path, value);
          }, document),
        );
      });
      yield;
    }
    return out;
  };
};

function filled(
  { path, method, value }: Filling,
  documents: readonly Doc[],
  places: readonly unknown[],
  evaluate: (document: Doc, value: Evaluate) => unknown,
): unknown[] {
  const values = documents.map((document) => valueAt(document, path));
  if (method === 'linear') return linear(values, places);
  let last: unknown = null;
  return values.map((item, i) => {
    const document = documents[i];
    if (item !== undefined && item !== null) last = item;
    if (item !== undefined && item !== null) return item;
    return method === 'locf' ? last : document && value ? evaluate(document, value) : null;
  });
}

/** Fills gaps between two numbers by linear interpolation over their places. */
export function linear(values: readonly unknown[], places: readonly unknown[]): unknown[] {
  const at = (index: number): number => {
    const place = places[index];
    return place instanceof Date ? place.getTime() : isNumber(place) ? asDouble(place) : NaN;
  };
  return values.map((value, i) => {
    if (value !== null && value !== undefined) return value;
    const before = values.slice(0, i).findLastIndex(isNumber);
    const after = values.findIndex((other, j) => j > i && isNumber(other));
    if (before < 0 || after < 0) return null;
    const [y0, y1] = [asDouble(values[before]), asDouble(values[after])];
    return new Double(y0 + ((y1 - y0) * (at(i) - at(before))) / (at(after) - at(before)));
  });
}

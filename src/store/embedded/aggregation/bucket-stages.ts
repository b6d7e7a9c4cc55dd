import { Int32 } from 'bson';
import { isDoc, setField, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { isPause } from '../work.js';
import { Groups } from './accumulators.js';
import type { Env } from './compile.js';
import { classOf } from './numbers.js';
import { compare, typeName } from './order.js';
import { environment, type StageCompiler, type StageTable } from './pipeline.js';

const COUNT: Doc = { count: { $sum: new Int32(1) } };

function outputOf(spec: Doc, name: string): Doc {
  if (spec.output === undefined) return COUNT;
  if (isDoc(spec.output)) return spec.output;
  throw new MongoCommandError(
    40196,
    `The ${name} 'output' field must be an object, but found type: ${typeName(spec.output)}.`,
  );
}

const sameKind = (a: unknown, b: unknown): boolean =>
  (classOf(a) !== undefined && classOf(b) !== undefined) || typeName(a) === typeName(b);

function boundariesOf(spec: Doc): readonly unknown[] {
  const { boundaries } = spec;
  if (!Array.isArray(boundaries))
    throw new MongoCommandError(40200, "The $bucket 'boundaries' field must be an array.");
  const list = boundaries as unknown[];
  if (list.length < 2)
    throw new MongoCommandError(
      40192,
      `The $bucket 'boundaries' field must have at least 2 values, but found ${list.length} value(s).`,
    );
  for (let i = 1; i < list.length; i += 1) {
    if (!sameKind(list[i - 1], list[i]))
      throw new MongoCommandError(
        40193,
        "All values in the 'boundaries' option to $bucket must have the same type.",
      );
    if (compare(list[i - 1], list[i]) >= 0)
      throw new MongoCommandError(
        40194,
        "The 'boundaries' option to $bucket must be sorted, but elements are not.",
      );
  }
  return list;
}

const bucket: StageCompiler = (spec, compiler) => {
  if (!isDoc(spec)) throw new MongoCommandError(40201, 'Argument to $bucket stage must be an object.');
  if (!('groupBy' in spec) || !('boundaries' in spec))
    throw new MongoCommandError(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.");
  const boundaries = boundariesOf(spec);
  const [lowest, highest] = [boundaries[0], boundaries.at(-1)];
  const hasDefault = 'default' in spec;
  if (hasDefault && compare(spec.default, lowest) >= 0 && compare(spec.default, highest) < 0) {
    throw new MongoCommandError(
      40199,
      "The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the highest boundary.",
    );
  }
  const groupBy = compiler.compile(spec.groupBy);
  const output = outputOf(spec, '$bucket');
  return function* run(documents, context) {
    const groups = new Groups(output, compiler);
    for (const [index, document] of documents.entries()) {
      const env = environment(document, context);
      const value = groupBy(env);
      const isInside = compare(value, lowest) >= 0 && compare(value, highest) < 0;
      if (!isInside && !hasDefault) {
        throw new MongoCommandError(
          40066,
          '$switch could not find a matching branch for an input, and no default was specified.',
        );
      }
      groups.add(isInside ? boundaries.findLast((bound) => compare(bound, value) <= 0) : spec.default, env);
      if (isPause(index)) yield;
    }
    return groups.finish().sort((a, b) => compare(a._id, b._id));
  };
};

interface Row {
  readonly value: unknown;
  readonly env: Env;
}

const bucketAuto: StageCompiler = (spec, compiler) => {
  if (!isDoc(spec)) throw new MongoCommandError(40240, 'The argument to $bucketAuto must be an object.');
  if (spec.granularity !== undefined)
    throw new MongoCommandError(115, '$bucketAuto with a granularity is not supported by the embedded store');
  const bucketCount = toNumber(spec.buckets);
  if (!('groupBy' in spec) || bucketCount === undefined)
    throw new MongoCommandError(40246, "$bucketAuto requires 'groupBy' and 'buckets' to be specified.");
  if (bucketCount <= 0 || !Number.isInteger(bucketCount))
    throw new MongoCommandError(
      40243,
      `The $bucketAuto 'buckets' field must be greater than 0, but found: ${bucketCount}.`,
    );
  const groupBy = compiler.compile(spec.groupBy);
  const output = outputOf(spec, '$bucketAuto');
  return function* run(documents, context) {
    const rows: Row[] = documents.map((document) => {
      const env = environment(document, context);
      return { value: groupBy(env) ?? null, env };
    });
    yield;
    rows.sort((a, b) => compare(a.value, b.value));
    yield;
    const cuts = cutsOf(rows, bucketCount);
    return cuts.map((rowsOf, i) => {
      const groups = new Groups(output, compiler);
      for (const { env } of rowsOf) groups.add(null, env);
      const [groupFields = {}] = groups.finish();
      const max = cuts[i + 1]?.[0]?.value ?? rowsOf.at(-1)?.value;
      const out: Doc = { _id: { min: rowsOf[0]?.value, max } };
      for (const [name, value] of Object.entries(groupFields)) if (name !== '_id') setField(out, name, value);
      return out;
    });
  };
};

/** Cuts sorted rows into buckets of similar size; equal values stay together. */
function cutsOf(rows: readonly Row[], bucketCount: number): Row[][] {
  const size = Math.max(1, Math.round(rows.length / bucketCount));
  const out: Row[][] = [];
  let at = 0;
  while (at < rows.length) {
    let end = out.length === bucketCount - 1 ? rows.length : Math.min(rows.length, at + size);
    while (end < rows.length && compare(rows[end]?.value, rows[end - 1]?.value) === 0) end += 1;
    out.push(rows.slice(at, end));
    at = end;
  }
  return out;
}

export const bucketStages: StageTable = { $bucket: bucket, $bucketAuto: bucketAuto };

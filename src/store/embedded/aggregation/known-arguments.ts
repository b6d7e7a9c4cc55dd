import { isDoc, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';

interface Known {
  readonly names: ReadonlySet<string>;
  /** MongoDB's error code for an unknown argument. */
  readonly code: number;
}

const UNKNOWN_FIELD = 40415;

const known = (names: string, code = UNKNOWN_FIELD): Known => ({ names: new Set(names.split(' ')), code });

/** Arguments of stages and expressions, from the manual's page on each. */
const ARGUMENTS: Readonly<Record<string, Known>> = {
  $bucket: known('groupBy boundaries default output', 40197),
  $bucketAuto: known('groupBy buckets output granularity', 40245),
  $collStats: known('latencyStats storageStats count queryExecStats'),
  $currentOp: known(
    'allUsers idleConnections idleCursors idleSessions localOps truncateOps backtrace targetAllNodes',
  ),
  $densify: known('field partitionByFields range'),
  $fill: known('partitionBy partitionByFields sortBy output'),
  $indexStats: known('', 28803),
  $listSearchIndexes: known('id name'),
  $merge: known('into on let whenMatched whenNotMatched'),
  $out: known('db coll'),
  $replaceRoot: known('newRoot'),
  $sample: known('size', 28748),
  $setWindowFields: known('partitionBy sortBy output'),
  $unionWith: known('coll pipeline'),
  $unwind: known('path includeArrayIndex preserveNullAndEmptyArrays', 28811),
  $convert: known('input to onError onNull format byteOrder', 9),
  $getField: known('field input', 3041701),
  $let: known('vars in', 16875),
  $sortArray: known('input sortBy', 2942500),
  $switch: known('branches default', 40067),
  $zip: known('inputs useLongestLength defaults', 34464),
  /** Parts of stages, by their path. */
  '$densify.range': known('step unit bounds'),
  '$fill.output': known('value method'),
  '$setWindowFields.window': known('documents range unit', 9),
};

/** Throws `MongoCommandError` for an unknown argument, which would otherwise be ignored silently. */
export function refuseUnknownArguments(name: string, spec: unknown): void {
  const of = Object.hasOwn(ARGUMENTS, name) ? ARGUMENTS[name] : undefined;
  if (!of || !isDoc(spec)) return;
  // An operator is not an argument: its value is the only operand.
  const unknown = Object.keys(spec).find((key) => !of.names.has(key) && !key.startsWith('$'));
  if (unknown !== undefined)
    throw new MongoCommandError(of.code, `Unrecognized argument to ${name}: ${unknown}`);
}

/** Throws `MongoCommandError` 9 for anything besides one function and its window. */
export function checkWindowFunction(spec: Doc): void {
  const other = Object.keys(spec).find((key) => !key.startsWith('$') && key !== 'window');
  if (other !== undefined)
    throw new MongoCommandError(9, `Window function found an unknown argument: ${other}`);
  if (Object.keys(spec).filter((key) => key.startsWith('$')).length > 1)
    throw new MongoCommandError(9, 'Cannot specify multiple functions in window function spec');
  refuseUnknownArguments('$setWindowFields.window', spec.window);
}

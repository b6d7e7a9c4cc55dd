import { isDoc, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';

interface ArgumentSet {
  readonly names: ReadonlySet<string>;
  /** MongoDB's error code for an unknown argument. */
  readonly code: number;
}

const UNKNOWN_FIELD = 40415;

const argumentSet = (names: string, code = UNKNOWN_FIELD): ArgumentSet => ({
  names: new Set(names.split(' ')),
  code,
});

/** Arguments of stages and expressions, from the manual's page on each. */
const ARGUMENTS: Readonly<Record<string, ArgumentSet>> = {
  $bucket: argumentSet('groupBy boundaries default output', 40197),
  $bucketAuto: argumentSet('groupBy buckets output granularity', 40245),
  $collStats: argumentSet('latencyStats storageStats count queryExecStats'),
  $currentOp: argumentSet(
    'allUsers idleConnections idleCursors idleSessions localOps truncateOps backtrace targetAllNodes',
  ),
  $densify: argumentSet('field partitionByFields range'),
  $fill: argumentSet('partitionBy partitionByFields sortBy output'),
  $geoNear: argumentSet(
    'near distanceField spherical maxDistance minDistance query distanceMultiplier includeLocs key',
  ),
  $indexStats: argumentSet('', 28803),
  $listSearchIndexes: argumentSet('id name'),
  $merge: argumentSet('into on let whenMatched whenNotMatched'),
  $out: argumentSet('db coll'),
  $replaceRoot: argumentSet('newRoot'),
  $sample: argumentSet('size', 28748),
  $setWindowFields: argumentSet('partitionBy sortBy output'),
  $unionWith: argumentSet('coll pipeline'),
  $unwind: argumentSet('path includeArrayIndex preserveNullAndEmptyArrays', 28811),
  $convert: argumentSet('input to onError onNull format byteOrder', 9),
  $getField: argumentSet('field input', 3041701),
  $let: argumentSet('vars in', 16875),
  $sortArray: argumentSet('input sortBy', 2942500),
  $switch: argumentSet('branches default', 40067),
  $zip: argumentSet('inputs useLongestLength defaults', 34464),
  /** Parts of stages, by their path. */
  '$densify.range': argumentSet('step unit bounds'),
  '$fill.output': argumentSet('value method'),
  '$setWindowFields.window': argumentSet('documents range unit', 9),
};

/** Throws `MongoCommandError` for an unknown argument, which would otherwise be ignored silently. */
export function refuseUnknownArguments(name: string, spec: unknown): void {
  const allowed = Object.hasOwn(ARGUMENTS, name) ? ARGUMENTS[name] : undefined;
  if (!allowed || !isDoc(spec)) return;
  // An operator is not an argument: its value is the only operand.
  const unknown = Object.keys(spec).find((key) => !allowed.names.has(key) && !key.startsWith('$'));
  if (unknown !== undefined)
    throw new MongoCommandError(allowed.code, `Unrecognized argument to ${name}: ${unknown}`);
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

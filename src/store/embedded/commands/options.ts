import { Timestamp } from 'bson';
import { parseCollation, type Collation } from '../bson/collation.js';
import { isDoc, isTrue, plain, toNumber, type Doc } from '../bson/values.js';
import { encodeKey } from '../bson/key-string.js';
import { compiler, newEnvironment } from '../aggregation/expressions.js';
import { MongoCommandError } from '../errors.js';
import type { FilterContext } from '../query/filter.js';
import { parseSort, type SortField } from '../query/sort.js';
import type { CollectionAccess } from '../storage/collection-access.js';

/** Members of the replica set; a write concern that requires more is reported as unmet. */
const MEMBERS = 1;
const READ_CONCERNS = new Set(['local', 'available', 'majority', 'linearizable', 'snapshot']);

/** Throws a `MongoCommandError` for invalid read concerns, write concerns and time limits. */
export function checkConcerns(body: Doc): void {
  const { readConcern } = body;
  const level = isDoc(readConcern) ? readConcern.level : undefined;
  if (level !== undefined && (typeof level !== 'string' || !READ_CONCERNS.has(level))) {
    throw new MongoCommandError(
      9,
      `Enumeration value '${typeof level === 'string' ? level : typeof level}' for field 'readConcern.level' is not a valid value.`,
    );
  }
  if (isDoc(readConcern)) refuseUnknown(readConcern, READ_CONCERN, 'readConcern');
  if (level === 'linearizable') checkLinearizable(body);
  checkTime(body.maxTimeMS);
  const { writeConcern } = body;
  if (!isDoc(writeConcern)) return;
  refuseUnknown(writeConcern, WRITE_CONCERN, 'writeConcern');
  const w = toNumber(writeConcern.w);
  if (w !== undefined && (w < 0 || w > 50))
    throw new MongoCommandError(9, 'w has to be a non-negative number and not greater than 50');
}

const READ_CONCERN = ['level', 'afterClusterTime', 'atClusterTime', 'afterOpTime', 'provenance'];
const WRITE_CONCERN = ['w', 'j', 'fsync', 'wtimeout', 'wtimeoutMS', 'getLastError', 'provenance'];

function refuseUnknown(concern: Doc, allowed: readonly string[], name: string): void {
  const unknown = Object.keys(concern).find((field) => !allowed.includes(field));
  if (unknown !== undefined)
    throw new MongoCommandError(40415, `BSON field '${name}.${unknown}' is an unknown field.`);
}

const MAX_TIME_MS = 2 ** 31 - 1;

function checkTime(maxTimeMS: unknown): void {
  const time = toNumber(maxTimeMS) ?? 0;
  if (time < 0 || time > MAX_TIME_MS)
    throw new MongoCommandError(2, `${time} value for maxTimeMS is out of range [0,${MAX_TIME_MS}]`);
}

/** Commands that support it (the manual's page on read concern "linearizable"). */
const LINEARIZABLE = ['find', 'aggregate', 'count', 'distinct'];

function checkLinearizable(body: Doc): void {
  const { pipeline } = body;
  const last: unknown = Array.isArray(pipeline) ? pipeline.at(-1) : undefined;
  const target = isDoc(last) ? ['$out', '$merge'].find((name) => name in last) : undefined;
  if (target !== undefined)
    throw new MongoCommandError(72, `${target} cannot be used with a 'linearizable' read concern level`);
  const [name = ''] = Object.keys(body);
  if (!LINEARIZABLE.includes(name)) {
    throw new MongoCommandError(
      72,
      `Command ${name} does not support { readConcern: { level: "linearizable" } }`,
    );
  }
}

/** How far ahead of the clock a client's time can be (`maxAcceptableLogicalClockDriftSecs`), in seconds. */
const MAX_DRIFT_S = 365 * 24 * 3_600;

/** Throws `MongoCommandError` 14 or 208 for a time no server can have issued. */
export function checkClusterTime({ $clusterTime: timeSpec }: Doc, now: Date): void {
  if (timeSpec === undefined) return;
  const time = isDoc(timeSpec) ? timeSpec.clusterTime : undefined;
  if (!(time instanceof Timestamp)) {
    throw new MongoCommandError(
      14,
      "BSON field '$clusterTime.clusterTime' is the wrong type, expected type 'timestamp'",
    );
  }
  if (time.getHighBitsUnsigned() > now.getTime() / 1_000 + MAX_DRIFT_S) {
    throw new MongoCommandError(
      208,
      `New cluster time, ${time.getHighBitsUnsigned()}, is too far from this node's wall clock time`,
    );
  }
}

/** What a reply says about an unmet write concern; the write has been done nevertheless. */
export function writeConcernError({ writeConcern }: Doc): Doc {
  if (!isDoc(writeConcern)) return {};
  const { w } = writeConcern;
  const number = toNumber(w);
  if (number !== undefined && number > MEMBERS) {
    return {
      writeConcernError: {
        code: 100,
        codeName: 'UnsatisfiableWriteConcern',
        errmsg: 'Not enough data-bearing nodes',
      },
    };
  }
  if (typeof w === 'string' && w !== 'majority') {
    return {
      writeConcernError: {
        code: 79,
        codeName: 'UnknownReplWriteConcern',
        errmsg: `No write concern mode named '${w}' found in replica set configuration`,
      },
    };
  }
  return {};
}

/** The variables of a command's `let`, for `$expr` in its filter. */
export function filterContext(body: Doc, now: Date): FilterContext {
  const variables = isDoc(body.let) ? body.let : {};
  const names = Object.keys(variables);
  const vars: Record<string, unknown> = {};
  for (const name of names) vars[name] = compiler.compile(variables[name])(newEnvironment({}, now));
  return { compiler: compiler.with(names), environment: (root) => newEnvironment(root, now, vars) };
}

export const variablesOf = (body: Doc, now: Date): Doc => {
  const variables = isDoc(body.let) ? body.let : {};
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      compiler.compile(value)(newEnvironment({}, now)),
    ]),
  );
};

/** The index a command names, by name or by key. Throws `MongoCommandError` 2 if it does not exist. */
export function hintOf(
  value: unknown,
  collection: CollectionAccess | undefined,
): string | 1 | -1 | undefined {
  if (value === undefined || value === '' || !collection) return undefined;
  if (typeof value === 'string') return value;
  if (!isDoc(value)) throw new MongoCommandError(9, 'Hint must be a string or an object');
  if (Object.keys(value).length === 0) return undefined;
  const natural = toNumber(value.$natural);
  if (natural !== undefined) return natural < 0 ? -1 : 1;
  const key = encodeKey(plain(value));
  const index = collection.indexes.find(({ spec }) => encodeKey(plain(spec.key)) === key);
  if (!index) {
    throw new MongoCommandError(
      2,
      'error processing query: planner returned error: hint provided does not correspond to an existing index',
    );
  }
  return index.name;
}

/**
 * The order a command requests and the index it names; the order `$natural` is not that of a field. Throws
 * `MongoCommandError` 2 for a natural order combined with another order or an index.
 */
export function orderOf(
  { sort, hint }: { readonly sort?: unknown; readonly hint?: unknown },
  collection: CollectionAccess | undefined,
): { sort: readonly SortField[]; hint: ReturnType<typeof hintOf> } {
  const hintName = hintOf(hint, collection);
  const natural = isDoc(sort) ? sort.$natural : undefined;
  if (!isDoc(sort) || natural === undefined) {
    const fields = parseSort(sort);
    if (fields.some(({ isScore }) => isScore === true))
      throw new MongoCommandError(40218, 'query requires text score metadata, but it is not available');
    return { sort: fields, hint: hintName };
  }
  const direction = toNumber(natural);
  if (direction !== 1 && direction !== -1)
    throw new MongoCommandError(2, '$natural sort cannot be set to a value other than -1 or 1.');
  if (Object.keys(sort).length > 1)
    throw new MongoCommandError(2, "Cannot include '$natural' in compound sort");
  if (hintName !== undefined && hintName !== direction)
    throw new MongoCommandError(2, 'Cannot use a hint with $natural sort');
  return { sort: [], hint: direction };
}

/** Throws a `MongoCommandError` for `find` options this store does not support. */
export function refuseFindOptions(body: Doc): void {
  if (isTrue(body.tailable))
    throw new MongoCommandError(
      2,
      'error processing query: tailable cursor requested on non capped collection',
    );
  if (isTrue(body.awaitData) && !isTrue(body.tailable))
    throw new MongoCommandError(9, "Cannot set 'awaitData' without also setting 'tailable'");
}

export const collationOf = (options: Doc): Collation | undefined => parseCollation(options.collation);

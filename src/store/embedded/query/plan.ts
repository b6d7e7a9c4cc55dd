import { ObjectId } from 'bson';
import type { Collation } from '../bson/collation.js';
import { isDoc, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import type { CollectionAccess } from '../storage/collection-access.js';
import type { StoredDocument } from '../storage/document-cache.js';
import { ridOf } from '../storage/index-entry.js';
import type { SecondaryIndex } from '../storage/secondary-index.js';
import { filterBounds, toPoints, toRanges, type KeyRange, type PathBounds } from './bounds.js';
import { documentTest } from './document-test.js';
import { compileFilter, isOperatorDoc, type FilterContext } from './filter.js';
import { isPause, sortByKey, type Work } from '../work.js';
import { encodeKey } from '../bson/key-string.js';
import { nearIn, type NearCondition } from './near.js';
import { sortKeyMaker, type SortField } from './sort.js';

/** Beyond this many combinations of `$in` values, separate ranges are not worthwhile. */
const MAX_RANGES = 400;
/** Cost of a document that is sorted afterwards, relative to one that comes in order. */
const SORT_COST = 1.5;
/** With a limit and an index in sort order, about this many entries are read per returned document. */
const ENTRIES_PER_RESULT = 10;

export interface Plan {
  /** `undefined`: every document is read. */
  readonly index: SecondaryIndex | undefined;
  readonly ranges: readonly KeyRange[];
  readonly isSorted: boolean;
  readonly reverse: boolean;
  readonly cost: number;
  /** True if every document in the ranges satisfies the whole filter, so nothing is left to test. */
  readonly isExact: boolean;
}

export interface Query {
  readonly filter: Doc;
  readonly sort: readonly SortField[];
  readonly skip: number;
  /** 0 means no limit. */
  readonly limit: number;
  /** Variables for `$expr`. */
  readonly context?: FilterContext | undefined;
  readonly collation?: Collation | undefined;
  /** The index to use, by name; 1 or -1 is the direction of `$natural`, which uses none. */
  readonly hint?: string | 1 | -1 | undefined;
  /** The part of the hinted index to read. */
  readonly between?: KeyRange | undefined;
}

export const query = (filter: Doc, options: Partial<Omit<Query, 'filter'>> = {}): Query => ({
  filter,
  sort: [],
  skip: 0,
  limit: 0,
  ...options,
});

/** Chooses the cheapest plan. The sizes of ranges are exact, because indexes can count. */
export function choosePlan(collection: CollectionAccess, criteria: Query): Plan {
  const near = nearIn(criteria.filter);
  if (near) return nearPlan(collection, criteria, near);
  const { collation } = criteria;
  const bounds = filterBounds(collation ? asFilter(collation.fold(criteria.filter)) : criteria.filter);
  let best = collectionScan(collection, criteria);
  if (criteria.hint === 1 || criteria.hint === -1) return { ...best, reverse: criteria.hint === -1 };
  if (criteria.hint !== undefined) return hintedPlan(collection, bounds, criteria, criteria.hint);
  for (const index of collection.indexes) {
    if (!index.isReady || index.isHidden || index.type === 'geo' || index.collation?.id !== collation?.id)
      continue;
    const plan = indexPlan(index, bounds, criteria);
    if (plan && plan.cost < best.cost) best = plan;
    // No other index can find less than one document.
    if (best.cost <= 1) break;
  }
  return best;
}

/** Everything is read and sorted by distance. Throws `MongoCommandError` 291 without an index for it. */
function nearPlan(collection: CollectionAccess, criteria: Query, near: NearCondition): Plan {
  const isAdmitted = collection.indexes.some(
    ({ isReady, isHidden, spec: { key } }) =>
      isReady && !isHidden && isDoc(key) && near.indexTypes.some((type) => key[near.path] === type),
  );
  if (isAdmitted) return { ...collectionScan(collection, criteria), isSorted: false };
  throw new MongoCommandError(
    291,
    'error processing query: planner returned error: unable to find index for $geoNear query',
  );
}

/** Throws `MongoCommandError` 2 if the index does not exist. */
function hintedPlan(
  collection: CollectionAccess,
  bounds: ReadonlyMap<string, PathBounds>,
  criteria: Query,
  hint: string,
): Plan {
  const index = collection.indexes.find(({ name, isReady }) => name === hint && isReady);
  if (!index || index.isHidden) {
    throw new MongoCommandError(
      2,
      'error processing query: planner returned error: hint provided does not correspond to an existing index',
    );
  }
  // Keys of another collation say nothing about the requested order or bounds.
  if (index.type === 'geo') return collectionScan(collection, criteria);
  const isAlike = index.collation?.id === criteria.collation?.id;
  if (criteria.between) {
    const order = index.isMultikey || !isAlike ? undefined : sortDirection(index, 0, criteria.sort);
    const isSorted = criteria.sort.length === 0 || order !== undefined;
    return { index, ranges: [criteria.between], isSorted, reverse: order === -1, cost: 0, isExact: false };
  }
  const { ranges } = indexRanges(index, isAlike ? bounds : new Map());
  const everyEntry = {
    index,
    ranges,
    isSorted: criteria.sort.length === 0,
    reverse: false,
    cost: 0,
    isExact: false,
  };
  return isAlike ? (indexPlan(index, bounds, criteria) ?? everyEntry) : everyEntry;
}

function collectionScan(collection: CollectionAccess, criteria: Query): Plan {
  const isSorted = criteria.sort.length === 0;
  const size = collection.size + 1;
  const cost = isSorted ? size : size * SORT_COST;
  return { index: undefined, ranges: [], isSorted, reverse: false, cost, isExact: false };
}

function indexPlan(
  index: SecondaryIndex,
  bounds: ReadonlyMap<string, PathBounds>,
  criteria: Query,
): Plan | undefined {
  if (!canAnswer(index, bounds, criteria)) return undefined;
  const { ranges, bounded, fixed } = indexRanges(index, bounds);
  const order = index.isMultikey ? undefined : sortDirection(index, fixed, criteria.sort);
  if (bounded === 0 && order === undefined) return undefined;
  const isSorted = criteria.sort.length === 0 || (order !== undefined && ranges.length === 1);
  if (bounded === 0 && !isSorted) return undefined;
  // The full key of a unique index finds one document; counting would cost as much as reading it.
  const isOne = index.isUnique && fixed === index.fields.length;
  let entries = isOne ? 1 : 0;
  if (!isOne) for (const { from, to } of ranges) entries += index.entries.count(from, to);
  const enough = criteria.limit > 0 ? (criteria.limit + criteria.skip) * ENTRIES_PER_RESULT : Infinity;
  const cost = isSorted ? Math.min(entries, enough) : entries * SORT_COST;
  const isExact = isAnsweredByKeys(index, fixed, criteria.filter);
  return { index, ranges, isSorted, reverse: isSorted && order === -1, cost, isExact };
}

/**
 * Whether the filter requires only single values of the index's leading fields. Equal keys mean equal values,
 * so every entry found satisfies such a filter. Null is excluded because it also means "missing".
 */
function isAnsweredByKeys(index: SecondaryIndex, fixed: number, filter: Doc): boolean {
  const names = Object.keys(filter);
  return (
    names.length <= fixed && names.every((name) => isSimple(filter[name]) && isAmong(index, fixed, name))
  );
}

const isSimple = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'boolean' || value instanceof ObjectId;

function isAmong(index: SecondaryIndex, fixed: number, name: string): boolean {
  for (let i = 0; i < fixed; i += 1) if (index.fields[i]?.path === name) return true;
  return false;
}

/** Partial and sparse indexes omit documents, so they can only answer filters that exclude these too. */
function canAnswer(index: SecondaryIndex, bounds: ReadonlyMap<string, PathBounds>, criteria: Query): boolean {
  if (index.partialFilter && !implies(criteria.filter, index.partialFilter)) return false;
  if (!index.isSparse) return true;
  return index.fields.some(({ path }) => {
    const pathBounds = bounds.get(path);
    return pathBounds !== undefined && !pathBounds.matchesMissing;
  });
}

/** Whether the filter's plain equalities, or identical conditions, satisfy the partial filter expression. */
function implies(filter: Doc, partial: Doc): boolean {
  return Object.entries(partial).every(([path, condition]) => {
    // A field that is required to have a value exists, however deep it is.
    if (JSON.stringify(condition) === '{"$exists":true}' && isSimple(filter[path])) return true;
    if (path.startsWith('$') || path.includes('.'))
      return JSON.stringify(filter[path]) === JSON.stringify(condition);
    const filterCondition = filter[path];
    if (filterCondition === undefined) return false;
    if (!isOperatorDoc(filterCondition))
      return (
        !Array.isArray(filterCondition) && compileFilter({ [path]: condition })({ [path]: filterCondition })
      );
    return JSON.stringify(filterCondition) === JSON.stringify(condition);
  });
}

interface IndexRanges {
  readonly ranges: KeyRange[];
  /** How many leading fields bound the ranges. */
  readonly bounded: number;
  /** How many leading fields have exactly one value. */
  readonly fixed: number;
}

function indexRanges(index: SecondaryIndex, bounds: ReadonlyMap<string, PathBounds>): IndexRanges {
  let prefixes = [''];
  let fixed = 0;
  let bounded = 0;
  const heads = new Set<string>();
  for (const { path, parts, direction } of index.fields) {
    const pathBounds = bounds.get(path);
    const head = parts[0] ?? '';
    // Conditions on the same array may be met by different elements, but a key holds only one element.
    if (!pathBounds || (index.isMultikey && heads.has(head))) break;
    heads.add(head);
    // A single list of values is worth a lookup each, up to as many as there are index entries.
    const most = prefixes.length === 1 ? Math.max(MAX_RANGES, index.entries.size) : MAX_RANGES;
    if (pathBounds.points && prefixes.length * pathBounds.points.length <= most) {
      const points = toPoints(pathBounds.points, direction);
      prefixes = prefixes.flatMap((prefix) => points.map((point) => prefix + point));
      bounded += 1;
      if (points.length === 1 && fixed === bounded - 1) fixed += 1;
      continue;
    }
    if (pathBounds.points) break;
    const tails = toRanges(pathBounds, direction, index.isMultikey);
    const ranges = prefixes.flatMap((prefix) =>
      tails.map(({ from, to }) => ({ from: prefix + from, to: prefix + to })),
    );
    return { ranges, bounded: bounded + 1, fixed };
  }
  return {
    ranges: prefixes.map((prefix) => ({ from: prefix, to: `${prefix}\xff` })),
    bounded,
    fixed,
  };
}

/** 1 or -1 if reading the index in that direction gives the requested order, otherwise `undefined`. */
function sortDirection(index: SecondaryIndex, fixed: number, sort: readonly SortField[]): 1 | -1 | undefined {
  const constant = new Set(index.fields.slice(0, fixed).map(({ path }) => path));
  const open = sort.filter(({ path }) => !constant.has(path));
  const [first] = open;
  if (!first) return sort.length === 0 ? undefined : 1;
  const fields = index.fields.slice(fixed);
  const head = fields[0];
  if (!head) return undefined;
  const direction = first.direction === head.direction ? 1 : -1;
  const isSame = open.every(
    ({ path, direction: requestedDirection }, i) =>
      fields[i]?.path === path && fields[i].direction * direction === requestedDirection,
  );
  return isSame ? direction : undefined;
}

function* candidateRids(collection: CollectionAccess, { index, ranges, reverse }: Plan): Generator<number> {
  if (!index) {
    yield* reverse ? collection.rids().reverse() : collection.rids();
    return;
  }
  const visited = index.isMultikey ? new Set<number>() : undefined;
  for (const { from, to } of reverse ? [...ranges].reverse() : ranges) {
    for (const entry of index.entries.range(from, to, reverse)) {
      const rid = ridOf(entry);
      if (visited?.has(rid)) continue;
      visited?.add(rid);
      yield rid;
    }
  }
}

/** Runs a complete query: filter, sort, skip and limit. */
export function* runQuery(collection: CollectionAccess, criteria: Query): Work<StoredDocument[]> {
  const plan = choosePlan(collection, criteria);
  const test = plan.isExact ? undefined : documentTest(criteria.filter, criteria.context, criteria.collation);
  const documents = candidates(collection, plan, test);
  return plan.isSorted ? yield* takeInOrder(documents, criteria) : yield* takeSorted(documents, criteria);
}

/** Counts the documents that a query finds, without reading them if the keys suffice. */
export function* countQuery(collection: CollectionAccess, criteria: Query): Work<number> {
  const unordered = { ...criteria, sort: [] };
  const plan = choosePlan(collection, unordered);
  if (!plan.isExact) return (yield* runQuery(collection, unordered)).length;
  const end = criteria.limit > 0 ? criteria.skip + criteria.limit : Infinity;
  let count = 0;
  let scannedCount = 0;
  for (const rid of candidateRids(collection, plan)) {
    if (collection.has(rid)) count += 1;
    if (count >= end) break;
    if (isPause(scannedCount)) yield;
    scannedCount += 1;
  }
  return Math.max(0, count - criteria.skip);
}

/** The documents of a plan that pass the test, each once; `undefined` marks a place to pause. */
function* candidates(
  collection: CollectionAccess,
  plan: Plan,
  test: ((document: StoredDocument) => boolean) | undefined,
): Generator<StoredDocument | undefined> {
  let scanned = 0;
  for (const rid of candidateRids(collection, plan)) {
    const document = collection.get(rid);
    if (document && (!test || test(document))) yield document;
    if (isPause(scanned)) yield undefined;
    scanned += 1;
  }
}

/** With a limit, sorting keeps up to this many rows beyond twice the number needed. */
const SPARE_ROWS = 4_096;

/** The key by which results are sorted: without a sort order, the distance from a point. */
function orderOf({ sort, filter, collation }: Query): (view: Doc) => string {
  const near = sort.length === 0 ? nearIn(filter) : undefined;
  if (near) return (view) => encodeKey(near.distance(view));
  const plainKey = sortKeyMaker(sort);
  return collation ? (view) => plainKey(asFilter(collation.fold(view))) : plainKey;
}

function* takeSorted(
  documents: Iterable<StoredDocument | undefined>,
  criteria: Query,
): Work<StoredDocument[]> {
  const makeKey = orderOf(criteria);
  const end = criteria.limit > 0 ? criteria.skip + criteria.limit : Infinity;
  let rows: { key: string; document: StoredDocument }[] = [];
  for (const document of documents) {
    if (document) rows.push({ key: makeKey(document.view), document });
    else yield;
    if (rows.length > end * 2 + SPARE_ROWS) rows = (yield* sortByKey(rows)).slice(0, end);
  }
  rows = yield* sortByKey(rows);
  return rows.slice(criteria.skip, end).map(({ document }) => document);
}

function* takeInOrder(
  documents: Iterable<StoredDocument | undefined>,
  criteria: Query,
): Work<StoredDocument[]> {
  const out: StoredDocument[] = [];
  let skipped = 0;
  for (const document of documents) {
    if (!document) {
      yield;
      continue;
    }
    if (skipped < criteria.skip) {
      skipped += 1;
      continue;
    }
    out.push(document);
    if (out.length === criteria.limit) break;
  }
  return out;
}

export const asFilter = (value: unknown): Doc => (isDoc(value) ? value : {});

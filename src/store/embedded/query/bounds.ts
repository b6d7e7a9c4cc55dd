import { BSONRegExp, MaxKey, MinKey } from 'bson';
import { encodeKey, invertKey, keyTag } from '../bson/key-string.js';
import { isDoc, type Doc } from '../bson/values.js';
import { isOperatorDoc } from './filter.js';

/** Keys from `from` up to but not including `to`. */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
}

interface Edge {
  readonly key: string;
  readonly inclusive: boolean;
}

/** What a filter requires of one path, as far as an index can use it. */
export interface PathBounds {
  /** Encoded values the path may have. */
  points: string[] | undefined;
  low: Edge | undefined;
  high: Edge | undefined;
  /** True if the filter can match a document in which the field is missing. */
  matchesMissing: boolean;
}

const ABOVE = '\xff';

/**
 * Bounds by path from the conditions that must all hold: the top level of the filter and its `$and` branches.
 */
export function filterBounds(filter: Doc, into = new Map<string, PathBounds>()): Map<string, PathBounds> {
  for (const [name, condition] of Object.entries(filter)) {
    if (name === '$and' && Array.isArray(condition)) {
      for (const branch of condition) if (isDoc(branch)) filterBounds(branch, into);
    } else if (!name.startsWith('$')) {
      const bounds = into.get(name) ?? {
        points: undefined,
        low: undefined,
        high: undefined,
        matchesMissing: false,
      };
      addCondition(bounds, condition);
      if (bounds.points ?? bounds.low ?? bounds.high) into.set(name, bounds);
    }
  }
  return into;
}

function addCondition(bounds: PathBounds, condition: unknown): void {
  if (!isOperatorDoc(condition)) {
    addPoints(bounds, [condition]);
    return;
  }
  for (const [operator, operand] of Object.entries(condition)) {
    if (operator === '$eq') addPoints(bounds, [operand]);
    else if (operator === '$in' && Array.isArray(operand)) addPoints(bounds, operand);
    else if (isRangeOperand(operand)) addEdge(bounds, operator, encodeKey(operand));
  }
}

/** A pattern or an array can match values with other keys, so it bounds nothing. */
const isPoint = (value: unknown): boolean =>
  !Array.isArray(value) && !(value instanceof BSONRegExp) && !(value instanceof RegExp);

const isRangeOperand = (value: unknown): boolean =>
  isPoint(value) &&
  value !== null &&
  value !== undefined &&
  !(value instanceof MinKey || value instanceof MaxKey);

function addPoints(bounds: PathBounds, values: readonly unknown[]): void {
  if (bounds.points || !values.every(isPoint)) return;
  bounds.points = [...new Set(values.map(encodeKey))].sort((a, b) => (a < b ? -1 : 1));
  bounds.matchesMissing = values.some((value) => value === null || value === undefined);
}

function addEdge(bounds: PathBounds, operator: string, key: string): void {
  if (operator === '$gt' || operator === '$gte') bounds.low ??= { key, inclusive: operator === '$gte' };
  if (operator === '$lt' || operator === '$lte') bounds.high ??= { key, inclusive: operator === '$lte' };
}

/** Above every key of a class. Appending 255 would not be: keys of very large numbers continue with it. */
const afterTag = (tag: string): string => String.fromCharCode(tag.charCodeAt(0) + 1);

/** The bounds as key ranges of an index field in this direction. */
export function toRanges(bounds: PathBounds, direction: 1 | -1, isMultikey: boolean): KeyRange[] {
  if (bounds.points) return toPoints(bounds.points, direction).map((key) => ({ from: key, to: key + ABOVE }));
  const { low } = bounds;
  // Two elements of an array may each satisfy one side, so only one side can bound a multikey index.
  const high = isMultikey && low ? undefined : bounds.high;
  const edge = low ?? high;
  if (!edge) return [];
  const tag = keyTag(edge.key);
  if (low && high && keyTag(high.key) !== tag) return [];
  if (direction === 1) {
    const from = low ? (low.inclusive ? low.key : low.key + ABOVE) : tag;
    const to = high ? (high.inclusive ? high.key + ABOVE : high.key) : afterTag(tag);
    return [{ from, to }];
  }
  const from = high ? invertKey(high.key) + (high.inclusive ? '' : ABOVE) : invertKey(tag);
  const to = low ? invertKey(low.key) + (low.inclusive ? ABOVE : '') : afterTag(invertKey(tag));
  return [{ from, to }];
}

export const toPoints = (points: readonly string[], direction: 1 | -1): string[] =>
  direction === 1 ? [...points] : points.map(invertKey).sort((a, b) => (a < b ? -1 : 1));

import { BSONRegExp } from 'bson';
import { MongoCommandError } from '../errors.js';
import { decodeTyped, isDoc, setField, type Doc } from '../bson/values.js';
import type { Collation } from '../bson/collation.js';
import type { StoredDocument } from '../storage/document-cache.js';
import { asksForTypes, compileFilter, type FilterContext } from './filter.js';

/** Tests stored documents against a filter; most filters need no BSON types and read the shared view. */
export function documentTest(
  filter: Doc,
  context?: FilterContext,
  collation?: Collation,
): (document: StoredDocument) => boolean {
  if (collation) return foldedTest(filter, context, collation);
  const test = compileFilter(filter, context);
  if (!asksForTypes(filter)) return (document) => test(document.view);
  return (document) => test(decodeTyped(document.bytes));
}

/** Compares folded texts on both sides. A pattern is meant for the original text, so it is refused. */
function foldedTest(
  filter: Doc,
  context: FilterContext | undefined,
  collation: Collation,
): (document: StoredDocument) => boolean {
  const unkept = unkeptPart(filter);
  if (unkept !== undefined) {
    throw new MongoCommandError(
      115,
      `${unkept} together with a collation is not supported by the embedded store`,
    );
  }
  const folded = foldedFilter(filter, collation);
  const test = compileFilter(isDoc(folded) ? folded : {}, context);
  const isTyped = asksForTypes(filter);
  return (document) => {
    const view = collation.fold(isTyped ? decodeTyped(document.bytes) : document.view);
    return isDoc(view) && test(view);
  };
}

/** A filter with its values folded; names of types are not values. */
function foldedFilter(filter: unknown, collation: Collation): unknown {
  if (Array.isArray(filter)) return filter.map((item) => foldedFilter(item, collation));
  if (!isDoc(filter)) return collation.fold(filter);
  const out: Doc = {};
  for (const [name, below] of Object.entries(filter))
    setField(out, name, name === '$type' ? below : foldedFilter(below, collation));
  return out;
}

/** The first part of a filter that a collation is not supported with. */
function unkeptPart(value: unknown): string | undefined {
  if (value instanceof BSONRegExp || value instanceof RegExp) return 'a pattern';
  if (Array.isArray(value)) return firstOf(value);
  if (!isDoc(value)) return undefined;
  const name = ['$regex', '$expr', '$jsonSchema'].find((operator) => operator in value);
  return name ?? firstOf(Object.values(value));
}

function firstOf(values: readonly unknown[]): string | undefined {
  for (const value of values) {
    const part = unkeptPart(value);
    if (part !== undefined) return part;
  }
  return undefined;
}

import { BSONRegExp } from 'bson';
import { MongoCommandError } from '../errors.js';
import { decodeTyped, isDoc, type Doc } from '../bson/values.js';
import type { Collation } from '../bson/collation.js';
import type { StoredDocument } from '../storage/document-cache.js';
import { asksForTypes, compileFilter, type FilterContext } from './filter.js';

/** The test of a filter for stored documents; most filters need no BSON types and read the shared view. */
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

/** Both sides with folded texts; a pattern looks at the text as it is, so it is not asked here. */
function foldedTest(
  filter: Doc,
  context: FilterContext | undefined,
  collation: Collation,
): (document: StoredDocument) => boolean {
  if (hasPattern(filter)) {
    throw new MongoCommandError(
      115,
      'a pattern together with a collation is not supported by the embedded store',
    );
  }
  const folded = collation.fold(filter);
  const test = compileFilter(isDoc(folded) ? folded : {}, context);
  const isTyped = asksForTypes(filter);
  return (document) => {
    const view = collation.fold(isTyped ? decodeTyped(document.bytes) : document.view);
    return isDoc(view) && test(view);
  };
}

function hasPattern(value: unknown): boolean {
  if (value instanceof BSONRegExp || value instanceof RegExp) return true;
  if (Array.isArray(value)) return value.some(hasPattern);
  return (
    isDoc(value) && Object.entries(value).some(([name, below]) => name === '$regex' || hasPattern(below))
  );
}

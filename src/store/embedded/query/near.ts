import { valuesAt } from '../bson/paths.js';
import { isDoc, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { nearOf } from '../geo/conditions.js';

/** The part of a filter that orders its results by distance. */
export interface NearCondition {
  readonly path: string;
  readonly indexTypes: readonly string[];
  distance(document: Doc): number | undefined;
}

/**
 * The filter's `$near` or `$nearSphere`, which can only stand at the top or in `$and`. Throws
 * `MongoCommandError` 2 if there are several.
 */
export function nearIn(filter: Doc): NearCondition | undefined {
  const [first, second] = nearsIn(filter);
  if (second) throw new MongoCommandError(2, 'Too many geoNear expressions');
  return first;
}

function* nearsIn(filter: Doc): Generator<NearCondition> {
  for (const [path, condition] of Object.entries(filter)) {
    if (path === '$and' && Array.isArray(condition))
      for (const branch of condition) if (isDoc(branch)) yield* nearsIn(branch);
    const name = path.startsWith('$') || !isDoc(condition) ? undefined : nearName(condition);
    if (!name || !isDoc(condition)) continue;
    const { indexTypes, distance } = nearOf(name, condition);
    const parts = path.split('.');
    yield { path, indexTypes, distance: (document) => distance(valuesAt(document, parts)) };
  }
}

/** The operator with which a condition asks for what is near. */
export const nearName = (condition: Doc): '$near' | '$nearSphere' | undefined =>
  '$near' in condition ? '$near' : '$nearSphere' in condition ? '$nearSphere' : undefined;

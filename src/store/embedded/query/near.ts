import { valuesAt } from '../bson/paths.js';
import { isDoc, type Doc } from '../bson/values.js';
import { nearOf } from '../geo/conditions.js';

/** The part of a filter that orders its results by distance. */
export interface NearCondition {
  readonly path: string;
  readonly indexTypes: readonly string[];
  distance(document: Doc): number | undefined;
}

/** The filter's `$near` or `$nearSphere`, which can only stand at the top or in `$and`. */
export function nearIn(filter: Doc): NearCondition | undefined {
  for (const [path, condition] of Object.entries(filter)) {
    const branches = path === '$and' && Array.isArray(condition) ? (condition as unknown[]) : [];
    for (const branch of branches) {
      const below = isDoc(branch) ? nearIn(branch) : undefined;
      if (below) return below;
    }
    if (path.startsWith('$') || !isDoc(condition)) continue;
    const name = '$near' in condition ? '$near' : '$nearSphere' in condition ? '$nearSphere' : undefined;
    if (!name) continue;
    const { indexTypes, distance } = nearOf(name, condition);
    const parts = path.split('.');
    return { path, indexTypes, distance: (document) => distance(valuesAt(document, parts)) };
  }
  return undefined;
}

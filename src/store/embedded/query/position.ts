import { asDoc, isDoc, type Doc } from '../bson/values.js';
import { compileCondition, elementTest } from './filter.js';

/**
 * Index of the first element of the array at `arrayPath` that made the filter match: the meaning of `$` in
 * update paths and projections. `undefined` if the filter has no condition on that array.
 */
export function matchedPosition(filter: Doc, document: Doc, arrayPath: string): number | undefined {
  const array = arrayPath
    .split('.')
    .reduce<unknown>(
      (value, part) => (Array.isArray(value) ? value[Number(part)] : asDoc(value)?.[part]),
      document,
    );
  if (!Array.isArray(array)) return undefined;
  for (const [name, condition] of Object.entries(filter)) {
    const index = name.startsWith('$')
      ? positionInBranches(condition, document, arrayPath)
      : positionFor(name, condition, array, arrayPath);
    if (index !== undefined) return index;
  }
  return undefined;
}

function positionInBranches(branches: unknown, document: Doc, arrayPath: string): number | undefined {
  if (!Array.isArray(branches)) return undefined;
  for (const branch of branches) {
    const index = isDoc(branch) ? matchedPosition(branch, document, arrayPath) : undefined;
    if (index !== undefined) return index;
  }
  return undefined;
}

function positionFor(
  path: string,
  condition: unknown,
  array: readonly unknown[],
  arrayPath: string,
): number | undefined {
  const test = elementCondition(path, condition, arrayPath);
  const index = test ? array.findIndex(test) : -1;
  return index < 0 ? undefined : index;
}

function elementCondition(
  path: string,
  condition: unknown,
  arrayPath: string,
): ((element: unknown) => boolean) | undefined {
  if (path === arrayPath) {
    if (isDoc(condition) && '$elemMatch' in condition) return elementTest(condition.$elemMatch);
    const test = compileCondition(condition);
    return (element) => test([element]);
  }
  if (!path.startsWith(`${arrayPath}.`)) return undefined;
  return elementTest({ [path.slice(arrayPath.length + 1)]: condition });
}

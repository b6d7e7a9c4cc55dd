import { EMPTY_ARRAY_KEY, encodeKey, invertKey } from '../bson/key-string.js';
import { asDoc, field, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';

export interface IndexField {
  readonly path: string;
  readonly parts: readonly string[];
  readonly direction: 1 | -1;
}

const EMPTY = Symbol('empty array');

interface Branch {
  readonly field: number;
  readonly path: string;
  readonly array: readonly unknown[];
  readonly rest: readonly string[];
}

/**
 * All keys a document has in an index: one, or one per element if a field is an array. Fields that pass
 * through the same array take their values from the same element. Throws `MongoCommandError` 171 if two
 * fields pass through different arrays.
 */
export function indexKeys(fields: readonly IndexField[], document: Doc): string[] {
  const rows: unknown[][] = [];
  expand(
    fields.map(({ parts }) => parts),
    [],
    document,
    rows,
  );
  const keys = rows.map((row) => row.map((value, i) => part(value, fields[i]?.direction ?? 1)).join(''));
  return keys.length > 1 ? [...new Set(keys)] : keys;
}

function part(value: unknown, direction: 1 | -1): string {
  const key = value === EMPTY ? EMPTY_ARRAY_KEY : encodeKey(value);
  return direction === 1 ? key : invertKey(key);
}

/** Follows the open fields down to values or to a shared array, then continues in each element. */
function expand(
  open: readonly (readonly string[] | undefined)[],
  fixed: readonly unknown[],
  document: Doc,
  rows: unknown[][],
): void {
  const row = [...fixed];
  const branches: Branch[] = [];
  open.forEach((parts, index) => {
    if (!parts) return;
    const branch = walk(document, parts, index);
    if ('array' in branch) branches.push(branch);
    else row[index] = branch.value;
  });
  const [first] = branches;
  if (!first) {
    rows.push(row);
    return;
  }
  if (branches.some(({ path }) => path !== first.path)) {
    throw new MongoCommandError(
      171,
      `cannot index parallel arrays [${branches.map((b) => b.path).join('] [')}]`,
    );
  }
  expandElements(first.array, branches, row, rows);
}

function walk(document: Doc, parts: readonly string[], index: number): Branch | { value: unknown } {
  let value: unknown = document;
  for (let i = 0; ; i += 1) {
    if (Array.isArray(value)) {
      return { field: index, path: parts.slice(0, i).join('.'), array: value, rest: parts.slice(i) };
    }
    const name = parts[i];
    if (name === undefined) return { value };
    const fields = asDoc(value);
    if (!fields) return { value: undefined };
    value = field(fields, name);
  }
}

function expandElements(
  array: readonly unknown[],
  branches: readonly Branch[],
  row: readonly unknown[],
  rows: unknown[][],
): void {
  if (array.length === 0) {
    const empty = [...row];
    for (const branch of branches) empty[branch.field] = branch.rest.length === 0 ? EMPTY : undefined;
    rows.push(empty);
    return;
  }
  for (const element of array) {
    const fixed = [...row];
    const open: (readonly string[] | undefined)[] = [];
    for (const { field: index, rest } of branches) {
      const [head] = rest;
      if (head === undefined) fixed[index] = element;
      else if (/^\d+$/.test(head) && Number(head) < array.length) {
        fixed[index] = positional(array[Number(head)], rest.slice(1));
      } else if (asDoc(element)) open[index] = rest;
      else fixed[index] = undefined;
    }
    expand(open, fixed, asDoc(element) ?? {}, rows);
  }
}

function positional(value: unknown, rest: readonly string[]): unknown {
  return rest.reduce<unknown>((at, name) => asDoc(at)?.[name], value);
}

import { asDoc, field, type Doc } from './values.js';

const isIndex = (part: string): boolean => /^\d+$/.test(part);

/**
 * Every value a dotted path reaches, as filters see it: arrays along the path are entered, and numbers are
 * also positions. `undefined` stands for "missing".
 */
export function valuesAt(document: Doc, parts: readonly string[]): unknown[] {
  const first = parts[0];
  if (parts.length === 1 && first !== undefined) return [field(document, first)];
  const out: unknown[] = [];
  collect(document, parts, 0, out);
  return out;
}

function collect(value: unknown, parts: readonly string[], at: number, out: unknown[]): void {
  const part = parts[at];
  if (part === undefined) {
    out.push(value);
  } else if (Array.isArray(value)) {
    collectInArray(value, parts, at, part, out);
  } else {
    const fields = asDoc(value);
    if (fields && Object.hasOwn(fields, part)) collect(fields[part], parts, at + 1, out);
    else out.push(undefined);
  }
}

function collectInArray(
  array: readonly unknown[],
  parts: readonly string[],
  at: number,
  part: string,
  out: unknown[],
): void {
  if (isIndex(part) && Number(part) < array.length) collect(array[Number(part)], parts, at + 1, out);
  for (const item of array) if (asDoc(item)) collect(item, parts, at, out);
}

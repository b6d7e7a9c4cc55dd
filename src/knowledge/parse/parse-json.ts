import { KnowledgeError } from '../../contracts/knowledge.js';
import type { ParsedSection } from './parsed-document.js';
import { isObject } from '../../lib/is-object.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Each object of a list becomes a row, `name: value`; the names on the way to a list become its headings.
 * @throws KnowledgeError `unreadable`
 */
export function parseJson(text: string): ParsedSection[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new KnowledgeError('unreadable', `The JSON is broken: ${reasonOf(cause)}`, { cause });
  }
  return [...sectionsOf(value, [])];
}

function* sectionsOf(value: unknown, headings: readonly string[]): Generator<ParsedSection> {
  if (Array.isArray(value)) {
    const plain = value
      .filter((item) => item !== null && isPlain(item))
      .map((item) => `- ${plainText(item)}`);
    if (plain.length > 0) yield { headings, text: plain.join('\n') };
    for (const item of value) if (!isPlain(item)) yield* sectionsOf(item, headings);
    return;
  }
  if (!isObject(value)) {
    if (value !== null) yield { headings, text: plainText(value) };
    return;
  }
  const text = rowOf(value);
  if (text !== '') yield { headings, text };
  for (const [name, field] of Object.entries(value)) {
    if (isList(field)) yield* sectionsOf(field, [...headings, name]);
    else if (isObject(field) && !isFlat(field)) yield* sectionsOf(field, [...headings, name]);
  }
}

/** The content of an object itself: its values, lists of plain values, and small objects in it. */
function rowOf(fields: Fields, prefix = ''): string {
  return Object.entries(fields)
    .map(([name, value]) => {
      if (Array.isArray(value)) {
        return isList(value) || value.length === 0
          ? ''
          : `${prefix}${name}: ${value.filter((item) => item !== null).join(', ')}`;
      }
      if (isObject(value)) return isFlat(value) ? rowOf(value, `${prefix}${name} `) : '';
      const rendered =
        value === null
          ? ''
          : plainText(value)
              .trim()
              .replace(/\s*[\r\n]+\s*/g, ' ');
      return rendered === '' ? '' : `${prefix}${name}: ${rendered}`;
    })
    .filter((field) => field !== '')
    .join('; ');
}

/** Whether it is a list that contains more than plain values. */
function isList(value: unknown): boolean {
  return Array.isArray(value) && value.some((item) => !isPlain(item));
}

/** Whether an object has only plain values, e.g. a price with its currency. */
function isFlat(fields: Fields): boolean {
  return Object.values(fields).every(isPlain);
}

function isPlain(value: unknown): boolean {
  return (
    value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  );
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.slice(0, 200) : 'it cannot be read';
}

/** A JSON value that is neither a list nor an object. */
function plainText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

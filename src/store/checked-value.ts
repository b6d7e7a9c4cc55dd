/** Longest id in UTF-8 bytes that every index of every store can hold. */
const MAX_ID_BYTES = 512;

/**
 * Returns the string itself or throws a `TypeError`. Static types do not cover parsed JSON, and an object in
 * a filter would be interpreted as a query operator.
 */
export function checkedText(value: string): string {
  if (typeof value !== 'string') throw new TypeError('a string is expected here');
  return value;
}

/** An id that can be stored. Throws a `RangeError` if it is empty, too long or not valid Unicode. */
export function checkedId(value: string): string {
  const id = checkedText(value);
  if (id === '' || Buffer.byteLength(id) > MAX_ID_BYTES || id.includes('\0') || hasLoneSurrogate(id)) {
    throw new RangeError(`an id has 1 to ${MAX_ID_BYTES} bytes of valid text`);
  }
  return id;
}

export function checkedNumber(value: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError('a number is expected here');
  return value;
}

export function checkedDate(value: Date): Date {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) {
    throw new TypeError('a valid date is expected here');
  }
  return value;
}

export function checkedTexts(values: readonly string[]): string[] {
  return values.map(checkedText);
}

/** BSON stores a lone surrogate as U+FFFD, so two different ids would become one. */
function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

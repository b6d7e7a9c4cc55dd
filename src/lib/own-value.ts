/**
 * The value under a name that somebody else chose. A plain lookup would also find what every object inherits,
 * such as `constructor` and `__proto__`.
 */
export function ownValue<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

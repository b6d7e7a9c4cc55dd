/**
 * `{ [name]: value }`, or `{}` if there is no value: neither `undefined` nor `null` is ever written or read.
 */
export function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: NonNullable<Value> } {
  const fields = value === undefined || value === null ? {} : { [name]: value };
  return fields as { readonly [Key in Name]?: NonNullable<Value> };
}

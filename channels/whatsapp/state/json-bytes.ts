/** Serialises state as JSON with bytes in the form `{"$bytes": "<base64>"}`. */
export function toBytes(value: unknown): Uint8Array {
  // `this` holds the original value; `toJSON` of Buffer has already turned `jsonValue` into an array of
  // numbers.
  return Buffer.from(
    JSON.stringify(value, function (this: Record<string, unknown>, key, jsonValue: unknown) {
      const original = key === '' ? jsonValue : this[key];
      return original instanceof Uint8Array
        ? { $bytes: Buffer.from(original).toString('base64') }
        : jsonValue;
    }),
    'utf8',
  );
}

export function fromBytes(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString('utf8'), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('$bytes' in value)) return value;
    return typeof value.$bytes === 'string' ? Buffer.from(value.$bytes, 'base64') : value;
  }) as unknown;
}

import { createHash } from 'node:crypto';

/** The same result whatever the order of fields; bytes are compared by content. */
function canonical(value: unknown): unknown {
  if (value instanceof Uint8Array) return { sha256: createHash('sha256').update(value).digest('base64') };
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value) as [string, unknown][];
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, field]) => [key, canonical(field)]);
}

/** SHA-256 of a parsed body, to tell a repeated request from a different one with the same key. */
export function canonicalHash(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(value)) ?? '')
    .digest('base64url');
}

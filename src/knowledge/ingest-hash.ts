import { createHash } from 'node:crypto';
import type { DocumentMetadata, UpsertDocument } from '../contracts/knowledge.js';

/**
 * The same title, text, locale and metadata give the same hash; the order of metadata keys does not matter.
 */
export function hashOfUpsert(document: UpsertDocument): string {
  return sha256(
    JSON.stringify([document.title, document.text, document.locale ?? null, sorted(document.metadata ?? {})]),
  );
}

export function hashOfFile(bytes: Uint8Array): string {
  return sha256(bytes);
}

function sorted(metadata: DocumentMetadata): [string, unknown][] {
  return Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('base64url');
}

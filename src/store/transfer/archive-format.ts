import { z } from 'zod';
import { tenantSettingsSchema } from '../../contracts/settings.js';

/** Incremented when older versions of Sapa could not read what newer ones write. */
export const ARCHIVE_VERSION = 1;

/**
 * The first line of an archive. The file is gzipped JSON lines: this one, then `{"c": collection, "d":
 * document}` per document in canonical EJSON. `zcat FILE | head -1` shows it.
 */
const shared = {
  version: z.literal(ARCHIVE_VERSION, 'was written by another version of Sapa'),
  exported_at: z.iso.datetime(),
  /** Number of documents in each collection. */
  counts: z.record(z.string(), z.int().min(0)),
  /** Hash of all lines after this one, each including its line feed. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
};

export const archiveHeaderSchema = z.discriminatedUnion('sapa', [
  z.strictObject({
    sapa: z.literal('tenant'),
    ...shared,
    tenant_id: z.string(),
    settings: tenantSettingsSchema,
    created_at: z.iso.datetime(),
    /** What else a tenant has that archives never contain. */
    left_out: z.array(z.string()),
  }),
  z.strictObject({ sapa: z.literal('service'), ...shared }),
]);

export type ArchiveHeader = z.output<typeof archiveHeaderSchema>;
export type TenantArchiveHeader = Extract<ArchiveHeader, { sapa: 'tenant' }>;
/** What is known before the documents have been written. */
export type ArchiveSubject =
  | Omit<TenantArchiveHeader, 'version' | 'counts' | 'sha256'>
  | { readonly sapa: 'service'; exported_at: string };

/** A collection name as used by Sapa; excludes the database's own collections. */
export const COLLECTION_NAME = /^(?!system\.)[A-Za-z][A-Za-z_.]{0,59}$/;

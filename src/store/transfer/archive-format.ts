import { z } from 'zod';
import { tenantSettingsSchema } from '../../contracts/settings.js';

/** Grows when an older Sapa could not read what a newer one writes. */
export const ARCHIVE_VERSION = 1;

/**
 * First line of an archive. The file is gzip of JSON lines: this one, then `{"c": collection,
 * "d": document}` per document in canonical EJSON. `zcat FILE | head -1` shows it.
 */
const shared = {
  version: z.literal(ARCHIVE_VERSION, 'was written by another version of Sapa'),
  exported_at: z.iso.datetime(),
  /** Documents of each collection. */
  counts: z.record(z.string(), z.int().min(0)),
  /** Of all lines after this one, each with its line feed. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
};

export const archiveHeaderSchema = z.discriminatedUnion('sapa', [
  z.strictObject({
    sapa: z.literal('tenant'),
    ...shared,
    tenant_id: z.string(),
    settings: tenantSettingsSchema,
    created_at: z.iso.datetime(),
    /** What a tenant has besides and an archive never holds. */
    left_out: z.array(z.string()),
  }),
  z.strictObject({ sapa: z.literal('service'), ...shared }),
]);

export type ArchiveHeader = z.output<typeof archiveHeaderSchema>;
export type TenantArchiveHeader = Extract<ArchiveHeader, { sapa: 'tenant' }>;
/** What is known before the documents are written. */
export type ArchiveSubject =
  | Omit<TenantArchiveHeader, 'version' | 'counts' | 'sha256'>
  | { readonly sapa: 'service'; exported_at: string };

/** A collection's name as Sapa makes them: nothing of the database's own. */
export const COLLECTION_NAME = /^(?!system\.)[A-Za-z][A-Za-z_.]{0,59}$/;

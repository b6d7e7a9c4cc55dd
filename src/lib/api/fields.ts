import { z } from 'zod';
import { LOCALES } from '../../contracts/message.js';
import { TENANT_ID } from '../ids/tenant-id.js';

/** Ids are opaque, but never contain control characters or the replacement character. */
const ID = /^[^\p{Cc}\p{Cs}\uFFFD]+$/u;

export const idSchema = z.string().min(1).max(128).regex(ID, 'holds characters that no id has');
export const localeSchema = z.enum(LOCALES);

/** Text with visible content. */
export function textSchema(longest: number) {
  return z.string().max(longest).regex(/\S/u, 'is empty');
}

export const tenantIdSchema = z
  .string()
  .regex(TENANT_ID, 'a-z, 0-9, - and _, at most 48, not starting with - or _');

export const metadataSchema = z
  .record(
    z
      .string()
      .min(1)
      .max(64)
      .regex(/^[^$.\p{Cc}\uFFFD][^.\p{Cc}\uFFFD]*$/u, 'is not a usable name'),
    z.union([z.string().max(1000), z.number(), z.boolean()]),
  )
  .refine((value) => Object.keys(value).length <= 50, 'at most 50 entries');

export const idParams = z.strictObject({ id: idSchema });

export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Items per page'),
  cursor: z.string().min(1).max(2000).optional().describe('`next_cursor` of the page before'),
});

/** Times are sent as ISO 8601 in UTC. */
export const timeSchema = z.iso.datetime();

export function listSchema(item: z.ZodType) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/** Name of a contact field; must be valid as a document key in the store. */
export const contactFieldName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^$.\p{Cc}\uFFFD][^.\p{Cc}\uFFFD]*$/u, 'is not a usable name')
  .refine((name) => !['__proto__', 'constructor', 'prototype'].includes(name), 'is not a usable name');

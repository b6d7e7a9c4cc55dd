import type { Permission } from '../../contracts/permissions.js';
import type { ApiKeyInfo } from '../../contracts/stores.js';
import { defineTable } from '../database.js';
import { optional } from '../optional.js';

export interface ApiKeyRow {
  readonly _id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes?: readonly Permission[];
  /** SHA-256 of the key, base64url. The key has 256 random bits, so a plain hash is enough. */
  readonly hash: string;
  readonly createdAt: Date;
  readonly lastUsedAt?: Date;
}

export const apiKeyTable = defineTable<ApiKeyRow>(
  'api_keys',
  {
    _id: String,
    tenantId: String,
    name: String,
    prefix: String,
    scopes: { type: [String], default: undefined },
    hash: String,
    createdAt: Date,
    lastUsedAt: Date,
  },
  [{ keys: { hash: 1 }, options: { unique: true } }, { keys: { tenantId: 1, createdAt: 1 } }],
);

export function apiKeyInfoOf(row: ApiKeyRow): ApiKeyInfo {
  return {
    id: row._id,
    name: row.name,
    prefix: row.prefix,
    ...optional('scopes', row.scopes),
    createdAt: row.createdAt,
    ...optional('lastUsedAt', row.lastUsedAt),
  };
}

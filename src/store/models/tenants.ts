import { isDeepStrictEqual } from 'node:util';
import { tenantSettingsSchema, type TenantSettings } from '../../contracts/settings.js';
import type { Tenant } from '../../contracts/stores.js';
import { defineTable, Mixed } from '../database.js';

export interface TenantRow {
  readonly _id: string;
  readonly settings: TenantSettings;
  /** The settings' hosts, normalised for comparison; absent if there are none. */
  readonly hosts?: readonly string[];
  /** Name of its database if not derived from the id, because it was restored. */
  readonly database?: string;
  /** Which indexes which database has; they are created only if defined by another version. */
  readonly prepared?: string;
  /** Counts changes of the settings. */
  readonly version: number;
  /**
   * The version at which each settings field was last changed; fields not listed changed at `changedSince` or
   * before.
   */
  readonly changed?: Readonly<Record<string, number>>;
  /** Absent together with `changed`: any field may have changed at the newest version. */
  readonly changedSince?: number;
  /** Counts changes to configuration outside the settings; absent before the first. */
  readonly configuration?: number;
  /** The removal of its data has begun; to everyone else the tenant no longer exists. */
  readonly erasing?: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const tenantTable = defineTable<TenantRow>(
  'tenants',
  {
    _id: String,
    settings: Mixed,
    hosts: { type: [String], default: undefined },
    database: String,
    prepared: String,
    version: Number,
    configuration: Number,
    changed: Mixed,
    changedSince: Number,
    erasing: Boolean,
    createdAt: Date,
    updatedAt: Date,
  },
  [{ keys: { hosts: 1 }, options: { unique: true, sparse: true } }, { keys: { createdAt: -1, _id: -1 } }],
);

export function tenantOf(row: TenantRow): Tenant {
  return {
    id: row._id,
    settings: deepFreeze(withDefaults(row.settings)),
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

/** Settings stored by an older version lack fields added later. */
function withDefaults(settings: TenantSettings): TenantSettings {
  const parsed = tenantSettingsSchema.safeParse(settings);
  // Settings that a later version rejects are still what the business wants.
  return parsed.success
    ? parsed.data
    : { ...tenantSettingsSchema.parse({ name: settings.name }), ...settings };
}

/** The version at which one of these fields was last changed. */
export function lastChangeOf(row: TenantRow, fields: readonly string[]): number {
  const unknown = row.changedSince ?? row.version;
  return Math.max(0, ...fields.map((field) => row.changed?.[field] ?? unknown));
}

/** What to record when these settings replace those of the row. */
export function changesOf(
  row: TenantRow,
  settings: TenantSettings,
): Required<Pick<TenantRow, 'changed' | 'changedSince'>> {
  const next = row.version + 1;
  const before = withDefaults(row.settings);
  const differ = Object.entries(settings).filter(
    ([field, value]) => !isDeepStrictEqual(value, before[field as keyof TenantSettings]),
  );
  const fieldVersions = { ...row.changed, ...Object.fromEntries(differ.map(([field]) => [field, next])) };
  return { changed: fieldVersions, changedSince: row.changedSince ?? row.version };
}

/** Grows with each change to anything a scope is built from. */
export function revisionOf({
  version,
  configuration = 0,
}: Pick<TenantRow, 'version' | 'configuration'>): number {
  return version + configuration;
}

/** Normalises a Host header or setting for comparison: lower case, without port and final dot. */
export function normalizedHost(host: string): string {
  return host.trim().toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}

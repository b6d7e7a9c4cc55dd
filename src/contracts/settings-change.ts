import { z } from 'zod';
import { tenantSettingsSchema, type TenantSettings } from './settings.js';

/**
 * A change to the settings: sections merge field by field, everything else is replaced; `null` restores the
 * default.
 */
export type TenantSettingsChange = {
  readonly [Field in keyof TenantSettings]?:
    | (TenantSettings[Field] extends readonly unknown[] | string
        ? TenantSettings[Field]
        : { readonly [Inner in keyof TenantSettings[Field]]?: TenantSettings[Field][Inner] | null })
    | null;
};

/** The settings schema with every field optional and no defaults: absent means unchanged. */
export const tenantSettingsChangeSchema = z.strictObject(
  withoutDefaults(tenantSettingsSchema, (field) => withoutDefault(field)),
) as z.ZodObject & z.ZodType<TenantSettingsChange>;

/** Settings only the operator of the service may change, as dotted paths. */
export const OPERATOR_SETTINGS = ['hosts', 'models.allowed'] as const;

/** The settings after the change. Throws `ZodError` if the result is inconsistent. */
export function changedSettings(
  before: TenantSettings | undefined,
  change: TenantSettingsChange,
): TenantSettings {
  const merged: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) continue;
    const old = merged[name];
    merged[name] = isSection(value) ? withoutNulls({ ...(isSection(old) ? old : {}), ...value }) : value;
  }
  return tenantSettingsSchema.parse(withoutNulls(merged));
}

/** The value at a dotted path of the settings or of a change to them. */
export function settingAt(settings: object | undefined, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (isSection(value) ? value[name] : undefined), settings);
}

/** Drops `null` fields; parsing the result fills in their defaults. */
function withoutNulls(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutDefault(field: z.ZodType): z.ZodType {
  const inner = field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field;
  const partial = inner instanceof z.ZodObject ? z.strictObject(withoutDefaults(inner, plain)) : inner;
  const described = field.description === undefined ? partial : partial.describe(field.description);
  return emptied(field, described);
}

/** A field inside a section: replaced as a whole, whatever it contains. */
function plain(field: z.ZodType): z.ZodType {
  const inner = field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field;
  return emptied(field, field.description === undefined ? inner : inner.describe(field.description));
}

/** Optional, and nullable if it has a default to return to. */
function emptied(field: z.ZodType, partial: z.ZodType): z.ZodType {
  const goesBack = field instanceof z.ZodDefault || field instanceof z.ZodOptional;
  return goesBack ? partial.nullable().optional() : partial.optional();
}

function withoutDefaults(
  object: z.ZodObject,
  change: (field: z.ZodType) => z.ZodType,
): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(object.shape).map(([name, field]) => [name, change(field as z.ZodType)]),
  );
}

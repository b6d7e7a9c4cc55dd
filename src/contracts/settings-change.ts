import { z } from 'zod';
import { tenantSettingsSchema, type TenantSettings } from './settings.js';

/** A section changes by its fields, everything else as a whole; `null` puts back the default. */
export type TenantSettingsChange = {
  readonly [Field in keyof TenantSettings]?:
    | (TenantSettings[Field] extends readonly unknown[] | string
        ? TenantSettings[Field]
        : { readonly [Inner in keyof TenantSettings[Field]]?: TenantSettings[Field][Inner] | null })
    | null;
};

/** The settings with every field left out at will, and without defaults: absent means unchanged. */
export const tenantSettingsChangeSchema = z.strictObject(
  withoutDefaults(tenantSettingsSchema, (field) => withoutDefault(field)),
) as z.ZodObject & z.ZodType<TenantSettingsChange>;

/** Settings that only the operator of the service decides, as dotted paths. */
export const OPERATOR_SETTINGS = ['hosts', 'models.allowed'] as const;

/** The settings after the change. Throws `ZodError` when they do not fit together. */
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

/** The value at a dotted path of settings or of a change to them. */
export function settingAt(settings: object | undefined, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (isSection(value) ? value[name] : undefined), settings);
}

/** What is `null` becomes its default when the settings are read again. */
function withoutNulls(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutDefault(field: z.ZodType): z.ZodType {
  const inner = field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field;
  const own = inner instanceof z.ZodObject ? z.strictObject(withoutDefaults(inner, plain)) : inner;
  const described = field.description === undefined ? own : own.describe(field.description);
  return emptied(field, described);
}

/** Within a section: its fields are values, whatever they hold. */
function plain(field: z.ZodType): z.ZodType {
  const inner = field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field;
  return emptied(field, field.description === undefined ? inner : inner.describe(field.description));
}

/** May be absent, and `null` where there is something to go back to. */
function emptied(field: z.ZodType, own: z.ZodType): z.ZodType {
  const goesBack = field instanceof z.ZodDefault || field instanceof z.ZodOptional;
  return goesBack ? own.nullable().optional() : own.optional();
}

function withoutDefaults(
  object: z.ZodObject,
  change: (field: z.ZodType) => z.ZodType,
): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(object.shape).map(([name, field]) => [name, change(field as z.ZodType)]),
  );
}

import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { App } from '../compose/compose.js';
import {
  changedSettings,
  tenantSettingsChangeSchema,
  type TenantSettingsChange,
} from '../contracts/settings-change.js';
import { tenantSettingsSchema } from '../contracts/settings.js';
import type { Tenant } from '../contracts/stores.js';
import { TENANT_ID } from '../lib/ids/tenant-id.js';
import { unknownProviders } from '../lib/unknown-providers.js';
import { CliError, wrongFields } from './cli-error.js';
import type { CommandLine } from './command-line.js';
import { fieldMessages } from './field-messages.js';
import { readBytes } from './read-input.js';
import type { Verb } from './verb.js';

/** Settings with an option of their own. */
const OPTION_NAMES = ['name', 'locale', 'timezone', 'tone', 'persona'] as const;

type Options = Readonly<Partial<Record<(typeof OPTION_NAMES)[number] | 'settings', string>>>;

export function createVerb(line: CommandLine): Command {
  const { t } = line;
  const verb = line.verb('create', t('cli.tenants.create'), t('cli.option.businessLocale')).argument('<id>');
  return withSettings(line, verb).reports(async (id: string, options: Options) => {
    if (!TENANT_ID.test(id)) throw new CliError('wrong-use', t('cli.tenants.wrongId'));
    const settings = parsed(line, tenantSettingsSchema, await settingsFromOptions(line, options));
    const tenant = await line.withApp(async (app) => {
      await refuseUnusable(line, app, id, settings);
      if ((await app.service.tenant(id)) !== undefined) {
        throw new CliError('failed', t('cli.tenants.exists', { id }));
      }
      const result = await app.service.putTenant(id, settings);
      await note(app, id, 'tenants.create', settings);
      return result.tenant;
    });
    return { json: tenantJson(tenant), text: t('cli.tenants.created', { id }) };
  });
}

export function setVerb(line: CommandLine): Command {
  const { t } = line;
  const verb = line.verb('set', t('cli.tenants.set'), t('cli.option.businessLocale')).argument('<id>');
  return withSettings(line, verb).reports(async (id: string, options: Options) => {
    const change = parsed(line, tenantSettingsChangeSchema, await settingsFromOptions(line, options));
    if (Object.keys(change).length === 0) throw new CliError('wrong-use', t('cli.tenants.nothingToSet'));
    const tenant = await line.withApp(async (app) => {
      await refuseUnusable(line, app, id, change);
      const result = await app.service.changeTenant(id, (before) => {
        if (before === undefined) throw unknownTenant(line, id);
        return changedSettings(before, change);
      });
      await note(app, id, 'settings.change', change);
      return result.tenant;
    });
    const json = { ...tenantJson(tenant), settings: tenant.settings };
    return { json, text: t('cli.tenants.set.done', { id }) };
  });
}

async function note({ audit, service }: App, id: string, action: string, values: object): Promise<void> {
  const scope = await service.scope(id);
  if (scope === undefined) return;
  const fields = Object.keys(values);
  await audit.note(scope, { actor: { type: 'command-line' }, action, target: id, fields });
}

function withSettings({ t }: CommandLine, verb: Verb): Verb {
  return verb
    .option('--name <name>', t('cli.option.tenantName'))
    .option('--timezone <zone>', t('cli.option.timezone'))
    .addOption(
      new Option('--tone <tone>', t('cli.option.tone')).choices(
        tenantSettingsSchema.shape.tone.unwrap().options,
      ),
    )
    .option('--persona <text>', t('cli.option.persona'))
    .option('--settings <file>', t('cli.option.settings'));
}

/** Reads the JSON file, if there is one; settings with their own option override it. */
async function settingsFromOptions(line: CommandLine, options: Options): Promise<Record<string, unknown>> {
  const { t } = line;
  const fromOptions = OPTION_NAMES.flatMap((name) =>
    options[name] === undefined ? [] : [[name, options[name]] as const],
  );
  if (options.settings === undefined) return Object.fromEntries(fromOptions);
  const bytes = await readBytes(options.settings, t);
  try {
    const file = z.record(z.string(), z.unknown()).parse(JSON.parse(bytes.toString('utf8')));
    return { ...file, ...Object.fromEntries(fromOptions) };
  } catch {
    throw new CliError('wrong-use', t('cli.tenants.wrongSettings'));
  }
}

function parsed<Output>({ t }: CommandLine, schema: z.ZodType<Output>, value: unknown): Output {
  const result = schema.safeParse(value, { error: fieldMessages(t) });
  if (result.success) return result.data;
  throw wrongFields(t('cli.tenants.wrongSettings'), result.error.issues);
}

/** Rejects models the business cannot use, and host names of another business. */
async function refuseUnusable(
  { t }: CommandLine,
  { service, models }: App,
  id: string,
  { models: wished, hosts }: TenantSettingsChange,
): Promise<void> {
  const problems: { path: string; message: string }[] = [...unknownProviders(wished?.chain ?? [], models)];
  for (const [index, host] of (hosts ?? []).entries()) {
    const owner = await service.tenantByHost(host);
    if (owner !== undefined && owner.id !== id) {
      problems.push({ path: `hosts.${index}`, message: t('cli.tenants.hostTaken') });
    }
  }
  if (problems.length > 0) throw wrongFields(t('cli.tenants.wrongSettings'), problems);
}

export function tenantJson({ id, settings: { name, locale, timezone }, createdAt, updatedAt }: Tenant) {
  return { id, name, locale, timezone, created_at: createdAt, updated_at: updatedAt };
}

export function unknownTenant({ t }: CommandLine, id: string): CliError {
  return new CliError('failed', t('terminal.unknownTenant', { tenant: id }));
}

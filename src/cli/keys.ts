import type { Command } from 'commander';
import type { App } from '../compose/compose.js';
import { PERMISSIONS, type Permission } from '../contracts/permissions.js';
import type { ApiKeyInfo } from '../contracts/stores.js';
import { CliError } from './cli-error.js';
import type { CommandLine } from './command-line.js';
import { table } from './table.js';

interface Options {
  readonly tenant: string;
  readonly name?: string;
  readonly scopes?: readonly Permission[];
}

const KEY_NAME = 'made at the command line';

function keyJson({ id, name, prefix, scopes, createdAt, lastUsedAt }: ApiKeyInfo): Record<string, unknown> {
  return {
    id,
    name,
    prefix,
    scopes: scopes ?? null,
    created_at: createdAt,
    last_used_at: lastUsedAt ?? null,
  };
}

function readScopes({ t }: CommandLine, list: string): readonly Permission[] {
  const requested = list.split(',').map((each) => each.trim());
  const permissions = PERMISSIONS.filter((each) => requested.includes(each));
  const strange = requested.filter((each) => !permissions.some((permission) => permission === each));
  if (strange.length === 0) return permissions;
  const scopes = PERMISSIONS.join(', ');
  throw new CliError('wrong-use', t('cli.keys.unknownScope', { scope: strange.join(', '), scopes }));
}

/** `keys create/list/rotate/revoke`: the API keys of a tenant. */
export function keysCommand(line: CommandLine): Command {
  const { t } = line;
  const keys = line.noun('keys', t('cli.keys'));

  keys.addCommand(
    line
      .tenantVerb('create', t('cli.keys.create'))
      .option('--name <name>', t('cli.option.keyName'), KEY_NAME)
      .option('--scopes <list>', t('cli.option.scopes'), (list: string) => readScopes(line, list))
      .reports(async ({ tenant, name = KEY_NAME, scopes }: Options) => {
        const { info, key } = await line.changeTenant(
          tenant,
          'keys.create',
          ({ service }) => service.createKey(tenant, name, scopes),
          (result) => result.info.id,
        );
        return { json: { ...keyJson(info), api_key: key }, text: t('cli.keys.created', { key }) };
      }),
  );
  keys.addCommand(
    line.tenantVerb('list', t('cli.keys.list')).reports(async ({ tenant }: Options) => {
      const keys = await line.withTenant(tenant, ({ service }) => service.keys(tenant));
      const rows = keys.map(({ id, prefix, name, scopes, createdAt }) => [
        id,
        `${prefix}…`,
        createdAt.toISOString(),
        name,
        scopes?.join(' ') ?? '',
      ]);
      return { json: { items: keys.map(keyJson) }, text: table(rows) };
    }),
  );
  keys.addCommand(
    line
      .tenantVerb('rotate', t('cli.keys.rotate'))
      .argument('<key-id>')
      .reports(async (id: string, { tenant }: Options) => {
        const { info, key } = await line.changeTenant(
          tenant,
          'keys.rotate',
          async ({ service }) => {
            const old = (await service.keys(tenant)).find((each) => each.id === id);
            if (old === undefined) throw new CliError('failed', t('cli.keys.unknown', { id }));
            const newKey = await service.createKey(tenant, old.name, old.scopes);
            await service.revokeKey(tenant, id);
            return newKey;
          },
          () => id,
        );
        const answer = { ...keyJson(info), api_key: key, revoked: id };
        return { json: answer, text: t('cli.keys.rotated', { key, id }) };
      }),
  );
  keys.addCommand(
    line
      .tenantVerb('revoke', t('cli.keys.revoke'))
      .argument('<key-id>')
      .reports(async (id: string, { tenant }: Options) => {
        const revoke = async ({ service }: App): Promise<void> => {
          if (!(await service.revokeKey(tenant, id)))
            throw new CliError('failed', t('cli.keys.unknown', { id }));
        };
        await line.changeTenant(tenant, 'keys.revoke', revoke, () => id);
        return { json: { revoked: id }, text: t('cli.keys.revoked', { id }) };
      }),
  );
  return keys;
}

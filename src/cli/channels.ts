import type { Command } from 'commander';
import type { App } from '../compose/compose.js';
import type { Channel } from '../contracts/channel.js';
import type { AccountRecord } from '../contracts/stores.js';
import { ACCOUNT_ID, accountIdOf } from '../lib/ids/account-id.js';
import { lacksPublicUrl } from '../lib/net/webhook-path.js';
import { CliError, wrongFields } from './cli-error.js';
import type { CommandLine } from './command-line.js';
import { fieldMessages } from './field-messages.js';
import { pairVerb } from './pair.js';
import { readSecret } from './read-input.js';
import { table } from './table.js';
import { isObject } from '../lib/is-object.js';

interface Options {
  readonly tenant: string;
  readonly id?: string;
  readonly token?: string;
  readonly apiRoot?: string;
  readonly config?: string;
}

/**
 * `channels add/list/remove/pair`: a tenant's accounts on the platforms. A running service picks up changes.
 */
export function channelsCommand(line: CommandLine): Command {
  const { t } = line;
  const channels = line.noun('channels', t('cli.channels'));

  channels.addCommand(
    line
      .tenantVerb('add', t('cli.channels.add'))
      .argument('<channel>', 'telegram, discord, whatsapp')
      .option('--id <id>', t('cli.option.accountId'))
      .option('--token <secret>', t('cli.option.secret'))
      .option('--api-root <url>', t('cli.option.apiRoot'))
      .option('--config <json>', t('cli.option.config'))
      .reports(async (name: string, options: Options) => {
        const values = await readConfig(line, options);
        const { id, channel } = await line.changeTenant(
          options.tenant,
          'channels.create',
          (app) => addAccount(line, app, name, values, options),
          (account) => account.id,
        );
        return { json: { id, channel }, text: t('cli.channels.added', { id }) };
      }),
  );
  channels.addCommand(
    line.tenantVerb('list', t('cli.channels.list')).reports(async ({ tenant }: Options) => {
      const items = await line.withTenant(tenant, async ({ service }) => {
        const states = await service.connectionStates(tenant);
        return (await accountsOf(service, tenant)).map(({ id, channel, createdAt }) => {
          const match = states.find(({ accountId }) => accountId === id)?.state;
          const reason = match !== undefined && 'reason' in match ? { reason: match.reason } : {};
          return { id, channel, state: match?.state ?? 'unknown', ...reason, created_at: createdAt };
        });
      });
      const rows = items.map((item) => [item.id, item.channel, item.state, item.reason ?? '']);
      return { json: { items }, text: table(rows) };
    }),
  );
  channels.addCommand(
    line
      .tenantVerb('remove', t('cli.channels.remove'))
      .argument('<account-id>')
      .reports(async (id: string, { tenant }: Options) => {
        const remove = async ({ service }: App): Promise<void> => {
          const isGone =
            (await service.removeAccount(tenant, id)) ||
            // Also accepts the id given when it was added.
            (await service.removeAccount(tenant, accountIdOf(tenant, id)));
          if (!isGone) throw new CliError('failed', t('cli.channels.unknownAccount', { id }));
        };
        await line.changeTenant(tenant, 'channels.remove', remove, () => id);
        return { json: { removed: id }, text: t('cli.channels.removed', { id }) };
      }),
  );
  channels.addCommand(pairVerb(line));
  return channels;
}

async function addAccount(
  { t }: CommandLine,
  { channels, service, settings }: App,
  name: string,
  values: Record<string, unknown>,
  { tenant, id = name }: Options,
): Promise<AccountRecord> {
  const connectable = channels.filter(({ connection }) => connection !== undefined);
  const channel: Channel | undefined = connectable.find((each) => each.name === name);
  if (channel === undefined) {
    const names = connectable.map((each) => each.name).join(', ');
    throw new CliError('wrong-use', t('cli.channels.unknown', { name, known: names }));
  }
  const config = channel.configSchema.safeParse(values, { error: fieldMessages(t) });
  if (!config.success) {
    throw wrongFields(t('cli.channels.wrongConfig', { channel: name }), config.error.issues);
  }
  if (lacksPublicUrl(channel, config.data, settings.PUBLIC_URL)) {
    throw new CliError('wrong-use', t('cli.channels.publicUrl'));
  }
  if (!ACCOUNT_ID.test(id)) throw new CliError('wrong-use', t('cli.channels.wrongId'));
  return service.putAccount({
    id: accountIdOf(tenant, id),
    tenantId: tenant,
    channel: name,
    config: config.data,
  });
}

async function accountsOf(service: App['service'], tenantId: string): Promise<readonly AccountRecord[]> {
  return (await service.accounts()).filter((account) => account.tenantId === tenantId);
}

async function readConfig(
  { t }: CommandLine,
  { token, apiRoot, config }: Options,
): Promise<Record<string, unknown>> {
  return {
    ...(config === undefined ? {} : parsedObject(await readSecret(config, t), t('cli.channels.notJson'))),
    ...(token === undefined ? {} : { token: await readSecret(token, t) }),
    ...(apiRoot === undefined ? {} : { apiRoot }),
  };
}

function parsedObject(text: string, problem: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return { ...value };
  } catch {
    // The parser's message would quote the input, which may be a secret.
  }
  throw new CliError('wrong-use', problem);
}

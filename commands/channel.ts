import type { ChannelDesk, DeskAccount } from '../src/contracts/channel-desk.js';
import {
  defineCommand,
  defineSubcommand,
  type CommandContext,
  type CommandOptions,
  type CommandReply,
  type SuggestionContext,
} from '../src/contracts/command.js';
import type { Suggestion } from '../src/contracts/channel.js';
import { connectionReason } from '../src/lib/channels/connection-reason.js';
import { quote } from '../src/lib/text/excerpt.js';
import { pairingPhone } from '../src/lib/channels/pairing.js';

interface Needs {
  readonly desk: ChannelDesk;
}

/** Fixes the services type, which TypeScript cannot infer because suggestions use the desk, too. */
function deskCommand<const Options extends CommandOptions>(
  definition: Parameters<typeof defineSubcommand<Options, Needs>>[0],
) {
  return defineSubcommand<Options, Needs>(definition);
}

const accountOption = { type: 'text', maxLength: 140, description: 'command.channel.account' } as const;

const add = defineSubcommand({
  description: 'command.channel.add',
  options: {
    channel: { type: 'text', required: true, maxLength: 40, description: 'command.channel.channel' },
  },
  async run({ t, scope, services }: CommandContext<Needs>, { channel }) {
    const name = channel.trim().toLowerCase();
    const outcome = await services.desk.add(scope.tenantId, name);
    switch (outcome.type) {
      case 'unknown':
        return { text: t('command.channel.unknownChannel', { known: outcome.available.join(', ') }) };
      case 'needs-secret':
        return { text: t('command.channel.needsSecret', { channel: name, tenant: scope.tenantId }) };
      case 'added': {
        const { id } = outcome.account;
        const pairs = [[{ label: t('button.pair'), action: `/channel pair ${id}` }]];
        return {
          text: t('command.channel.added', { id }),
          ...(outcome.account.pairsBy.length === 0 ? {} : { buttons: pairs }),
        };
      }
      default:
        return outcome satisfies never;
    }
  },
});

const pair = deskCommand({
  description: 'command.channel.pair',
  options: {
    account: accountOption,
    phone: { type: 'text', maxLength: 40, description: 'command.channel.phone' },
  },
  suggest: { account: suggestPairable },
  async run(context, options) {
    const { t, services, scope, conversation, locale, eventKey, signal } = context;
    // Whoever scans or types the code can read all messages, so others must see neither it nor later codes.
    if (conversation.chat.kind === 'group') return { text: t('command.channel.notBeforeOthers') };
    // A number alone is the phone's, because account ids look different.
    const isPhoneAlone = options.phone === undefined && pairingPhone(options.account ?? '') !== undefined;
    const { account: name, phone } = isPhoneAlone ? { account: undefined, phone: options.account } : options;
    const digits = phone === undefined ? undefined : pairingPhone(phone);
    if (phone !== undefined && digits === undefined) return { text: t('command.channel.wrongPhone') };
    const pairable = (await services.desk.accounts(scope.tenantId)).filter(
      ({ pairsBy }) => pairsBy.length > 0,
    );
    const account = findAccount(pairable, name);
    if (account === undefined) return whichAccount(context, pairable);
    const request =
      digits === undefined ? ({ method: 'qr' } as const) : ({ method: 'code', phone: digits } as const);
    const asker = { scope, conversationId: conversation.id, locale, key: eventKey, signal };
    const offer = await services.desk.pair(account, request, asker);
    switch (offer.type) {
      case 'qr':
        return {
          text: t('command.channel.scan'),
          files: [{ name: 'qr.png', mediaType: 'image/png', bytes: offer.png }],
        };
      case 'code':
        return { text: t('command.channel.type', { code: offer.code }) };
      case 'open':
        return { text: t('command.channel.paired', { id: account.id }) };
      case 'none':
        return { text: t('command.channel.noCode', { reason: offer.reason ?? '' }) };
      default:
        return offer satisfies never;
    }
  },
});

function pausing(isPaused: boolean) {
  return deskCommand({
    description: isPaused ? 'command.channel.pause' : 'command.channel.resume',
    options: { account: { ...accountOption, required: true } },
    suggest: { account: suggestAll },
    async run({ t, scope, services, conversation }, { account: name }) {
      const account = findAccount(await services.desk.accounts(scope.tenantId), name);
      if (account === undefined) return { text: t('command.channel.noAccount', { id: quote(name) }) };
      if (isPaused && account.id === conversation.accountId) return { text: t('command.channel.notThisOne') };
      await services.desk.pause(scope.tenantId, account.id, isPaused);
      const done = isPaused ? 'command.channel.paused' : 'command.channel.resumed';
      return { text: t(done, { id: account.id }) };
    },
  });
}

/** The platform accounts of the business: list, add and pause them, and pair a phone from a chat. */
export const channel = defineCommand({
  name: 'channel',
  audience: 'staff',
  description: 'command.channel.description',
  options: {},
  subcommands: {
    list: defineSubcommand({ description: 'command.channel.list', options: {}, run: list }),
    add,
    pair,
    pause: pausing(true),
    resume: pausing(false),
  },
  run: list,
});

async function list({ t, scope, services }: CommandContext<Needs>): Promise<CommandReply> {
  const accounts = await services.desk.accounts(scope.tenantId);
  if (accounts.length === 0) return { text: t('command.channel.none') };
  const lines = accounts.map(
    (account) => `- ${account.channel} · \`${account.id}\` · ${stateOf(account, t)}`,
  );
  return { text: lines.join('\n') };
}

function stateOf({ isPaused, state }: DeskAccount, t: CommandContext['t']): string {
  if (isPaused) return t('command.channel.isPaused');
  const name = t('command.status.connection', { state: (state?.state ?? 'unknown').replaceAll('-', '_') });
  const reason = state && connectionReason(state, t);
  return reason === undefined ? name : `${name} (${quote(reason)})`;
}

/**
 * Finds an account by its id, the last part of the id or its channel; without a name, the only one there is.
 */
function findAccount(accounts: readonly DeskAccount[], name: string | undefined): DeskAccount | undefined {
  const query = name?.trim();
  if (query === undefined || query === '') return accounts.length === 1 ? accounts[0] : undefined;
  const matches = accounts.filter(
    ({ id, channel: channelName }) => id === query || id.endsWith(`.${query}`) || channelName === query,
  );
  return matches.length === 1 ? matches[0] : undefined;
}

function whichAccount({ t }: CommandContext, pairable: readonly DeskAccount[]): CommandReply {
  if (pairable.length === 0) return { text: t('command.channel.nothingToPair') };
  const buttons = pairable.map(({ id }) => [{ label: id, action: `/channel pair ${id}` }]);
  return { text: t('command.channel.pairWhich'), buttons };
}

async function suggestAll({
  scope,
  typed,
  services,
}: SuggestionContext<Needs>): Promise<readonly Suggestion[]> {
  return suggested(await services.desk.accounts(scope.tenantId), typed);
}

async function suggestPairable(context: SuggestionContext<Needs>): Promise<readonly Suggestion[]> {
  const accounts = await context.services.desk.accounts(context.scope.tenantId);
  return suggested(
    accounts.filter(({ pairsBy }) => pairsBy.length > 0),
    context.typed,
  );
}

function suggested(accounts: readonly DeskAccount[], typed: string): readonly Suggestion[] {
  return accounts
    .filter(({ id, channel: channelName }) => `${channelName} ${id}`.includes(typed))
    .map(({ id, channel: channelName }) => ({ label: `${channelName} · ${id}`, value: id }));
}

import type { Channel, ConnectionState } from '../contracts/channel.js';
import type { ChannelDesk, DeskAccount, PairingAsker, PairingOffer } from '../contracts/channel-desk.js';
import type { Outreach } from '../contracts/chat.js';
import type { I18n } from '../contracts/i18n.js';
import type { Clock, Logger, MakeId } from '../contracts/runtime.js';
import type { AccountRecord, ServiceStore } from '../contracts/stores.js';
import { stateSince, untilPairable } from '../lib/channels/pairing.js';
import { qrAsPng } from '../lib/channels/qr-code.js';

/** Accounts are checked every five seconds, and then the connection has to be made; in ms. */
const CODE_WITHIN_MS = 15_000;
/** Pairing codes that are not used within this time expire and can be requested again, in ms. */
const PAIRED_WITHIN_MS = 5 * 60_000;
const LOOK_EVERY_MS = 1_000;

export interface ChannelDeskDependencies {
  readonly service: ServiceStore;
  readonly channels: readonly Channel[];
  readonly outreach: Outreach;
  readonly i18n: I18n;
  readonly makeId: MakeId;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Lets staff manage accounts from a chat. `close` stops following pairings in progress. */
export function createChannelDesk(deps: ChannelDeskDependencies): ChannelDesk & { close(): void } {
  const { service, channels, clock, logger } = deps;
  const closing = new AbortController();
  const deskAccountOf = (record: AccountRecord, state?: ConnectionState): DeskAccount => ({
    id: record.id,
    channel: record.channel,
    isPaused: record.isPaused === true,
    pairsBy: channels.find(({ name }) => name === record.channel)?.connection?.pairsBy ?? [],
    ...(state === undefined ? {} : { state }),
  });
  return {
    close: () => closing.abort(),
    async accounts(tenantId) {
      const [records, states] = await Promise.all([service.accounts(), service.connectionStates(tenantId)]);
      return records
        .filter((record) => record.tenantId === tenantId)
        .map((record) =>
          deskAccountOf(record, states.find(({ accountId }) => accountId === record.id)?.state),
        );
    },
    async add(tenantId, name) {
      const addable = channels.filter(({ connection }) => connection !== undefined);
      const channel = addable.find((one) => one.name === name);
      if (channel === undefined) return { type: 'unknown', available: addable.map((one) => one.name) };
      const config = channel.configSchema.safeParse({});
      if (!config.success) return { type: 'needs-secret' };
      const record = await service.putAccount({
        id: deps.makeId('acct'),
        tenantId,
        channel: name,
        config: config.data,
      });
      return { type: 'added', account: deskAccountOf(record) };
    },
    async pause(tenantId, accountId, isPaused) {
      return (await service.pauseAccount(tenantId, accountId, isPaused)) !== undefined;
    },
    async pair(account, request, asker) {
      const { tenantId } = asker.scope;
      const since = clock.now();
      await service.requestPairing(tenantId, account.id, request);
      const state = await untilPairable(service, { id: account.id, tenantId }, since, {
        method: request.method,
        withinMs: CODE_WITHIN_MS,
        signal: asker.signal,
        sleep: (ms, signal) => clock.sleep(ms, signal),
        monotonicMs: () => clock.monotonicMs(),
      });
      const offer = offerOf(state);
      if (offer.type === 'qr' || offer.type === 'code') {
        followPairing(account, since, state, asker, deps, closing.signal).catch((error: unknown) => {
          if (!closing.signal.aborted) logger.warn({ error }, 'a pairing is no longer followed');
        });
      }
      return offer;
    },
  };
}

function offerOf(state: ConnectionState | undefined): PairingOffer {
  if (state?.state === 'open') return { type: 'open' };
  if (state?.state !== 'needs-pairing') {
    return { type: 'none', ...(state !== undefined && 'reason' in state ? { reason: state.reason } : {}) };
  }
  const { qr, pairingCode, reason } = state;
  if (pairingCode !== undefined)
    return { type: 'code', code: pairingCode.replace(/^(.{4})(.{4})$/, '$1-$2') };
  return qr === undefined ? { type: 'none', reason } : { type: 'qr', png: qrAsPng(qr) };
}

/** Posts each new code to the chat, and how the pairing ended. */
async function followPairing(
  account: DeskAccount,
  since: Date,
  first: ConnectionState | undefined,
  { scope, conversationId, locale, key }: PairingAsker,
  { service, outreach, i18n, clock }: ChannelDeskDependencies,
  signal: AbortSignal,
): Promise<void> {
  const t = i18n.translator(locale);
  let messageCount = 0;
  const say = async (text: string, png?: Uint8Array): Promise<void> => {
    const image = { kind: 'image', fileName: 'qr.png', mediaType: 'image/png' } as const;
    const files = png === undefined ? [] : [await scope.files.save({ ...image, bytes: png })];
    await outreach.say(scope, conversationId, `${key}:pairing:${messageCount++}`, { text, files }, 'command');
  };
  const end = clock.monotonicMs() + PAIRED_WITHIN_MS;
  for (let lastCode = codeIn(first); clock.monotonicMs() < end;) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    const state = await stateSince(service, { id: account.id, tenantId: scope.tenantId }, since);
    if (state === undefined || state.state === 'connecting' || state.state === 'stopped') continue;
    const offer = offerOf(state);
    if (offer.type === 'open') return say(t('command.channel.paired', { id: account.id }));
    if (offer.type === 'none') {
      // Keep waiting between codes, and during the reconnect after the phone accepted one.
      if (state.state === 'backing-off') continue;
      return say(t('command.channel.noCode', { reason: offer.reason ?? '' }));
    }
    const code = codeIn(state);
    if (code === lastCode) continue;
    lastCode = code;
    if (offer.type === 'qr') await say(t('command.channel.nextCode'), offer.png);
    else await say(t('command.channel.type', { code: offer.code }));
  }
  return say(t('command.channel.tooLate'));
}

function codeIn(state: ConnectionState | undefined): string | undefined {
  return state?.state === 'needs-pairing' ? (state.pairingCode ?? state.qr) : undefined;
}

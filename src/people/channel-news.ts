import type { FindAccount } from '../contracts/chat.js';
import type { HandOver } from '../contracts/hand-over.js';
import type { Clock } from '../contracts/runtime.js';
import type { ServiceStore } from '../contracts/stores.js';
import { connectionReason } from '../lib/channels/connection-reason.js';
import { translatorOf, type RelayDependencies } from './relay.js';
import { staffChats } from './staff-chats.js';

export interface ChannelNewsDependencies extends Pick<RelayDependencies, 'outreach' | 'i18n'> {
  readonly service: Pick<ServiceStore, 'troubles'>;
  readonly findAccount: FindAccount;
  readonly clock: Clock;
}

/** Tells staff on the other channels of one that is in trouble, and when that is over. */
export function createChannelNews({
  outreach,
  i18n,
  service: { troubles },
  findAccount,
  clock,
}: ChannelNewsDependencies): Pick<HandOver, 'channelFailed' | 'channelConnected'> {
  return {
    async channelFailed(scope, account, state) {
      const now = clock.now();
      const day = now.toISOString().slice(0, 10);
      const since = (await troubles.begin(account.id, now)).toISOString();
      for (const { conversation } of await staffChats(scope, findAccount, { accountId: account.id })) {
        const t = translatorOf(i18n, scope, conversation);
        const key = `channel:${account.id}:${state.state}:${since}:${day}:${conversation.id}`;
        const reason = connectionReason(state, t) ?? '';
        const about = { channel: account.channel, id: account.id, reason };
        const isTrying = state.state === 'backing-off';
        const text = t(isTrying ? 'handover.channelOut' : 'handover.channelFailed', about);
        await outreach.say(scope, conversation.id, key, text, 'command');
      }
    },

    async channelConnected(scope, account) {
      const since = await troubles.since(account.id);
      if (since === undefined) return false;
      for (const { conversation } of await staffChats(scope, findAccount, { accountId: account.id })) {
        const t = translatorOf(i18n, scope, conversation);
        const key = `channel:${account.id}:connected:${since.toISOString()}:${conversation.id}`;
        const about = { channel: account.channel, id: account.id };
        await outreach.say(scope, conversation.id, key, t('handover.channelConnected', about), 'command');
      }
      // Forgotten last: if this process dies before, the next connection says it again, under the same key.
      await troubles.end(account.id, since);
      return true;
    },
  };
}

import type { Events } from '../contracts/events.js';
import type { HandOver } from '../contracts/hand-over.js';
import type { Conversation } from '../contracts/stores.js';

/** Wraps hand-overs so that the business's own systems are told of them as events. */
export function announceHandOvers(handOver: HandOver, events: Events): HandOver {
  return {
    ...handOver,
    async ask(scope, conversation, key, reason) {
      const result = await handOver.ask(scope, conversation, key, reason);
      if (reason === 'asked')
        await events.emit(scope, 'conversation.handover', dataOf(conversation, { reason }));
      return result;
    },
    async take(scope, conversation, desk, options) {
      await handOver.take(scope, conversation, desk, options);
      const isHandOver = options?.once !== true && conversation.mode === 'bot';
      if (!isHandOver) return;
      await events.emit(scope, 'conversation.handover', dataOf(conversation, { reason: 'takeover' }));
    },
    async release(scope, conversation, key, by, from) {
      await handOver.release(scope, conversation, key, by, from);
      await events.emit(scope, 'conversation.released', dataOf(conversation, { by }));
    },
    async channelFailed(scope, account, state) {
      await handOver.channelFailed(scope, account, state);
      const reason = 'reason' in state ? (state.reason ?? '') : '';
      const data = { account_id: account.id, channel: account.channel, state: state.state, reason };
      await events.emit(scope, 'channel.state', data);
    },
    async channelConnected(scope, account) {
      const wasTrouble = await handOver.channelConnected(scope, account);
      if (!wasTrouble) return false;
      const data = { account_id: account.id, channel: account.channel, state: 'open', reason: '' };
      await events.emit(scope, 'channel.state', data);
      return true;
    },
  };
}

function dataOf(
  { id, contactId, channel }: Conversation,
  more: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return { conversation_id: id, contact_id: contactId, channel, ...more };
}

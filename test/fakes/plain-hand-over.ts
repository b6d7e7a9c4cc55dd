import type { HandOver } from '../../src/contracts/hand-over.js';

const unexpected = (what: string) => (): Promise<never> => Promise.reject(new Error(`${what}: not expected`));

/** Hand-overs without staff chats: the API takes conversations over and returns them. */
export const plainHandOver: HandOver = {
  ask: unexpected('ask'),
  watch: unexpected('watch'),
  remindLater: unexpected('remindLater'),
  fromDesk: unexpected('fromDesk'),
  channelFailed: unexpected('channelFailed'),
  channelConnected: unexpected('channelConnected'),
  fromPerson: () => Promise.resolve(false),
  async take(scope, conversation) {
    await scope.conversations.update(conversation.id, { mode: 'human' });
  },
  async release(scope, conversation) {
    await scope.conversations.update(conversation.id, { mode: 'bot' });
  },
};

import type { SharedBots } from '../../src/gateway/index.js';

/** Each bot is one account's alone. */
export const unsharedBots: Pick<SharedBots, 'isOurs' | 'deliver'> = {
  isOurs: () => Promise.resolve(true),
  deliver: (account, event, accept) => accept(account, event),
};

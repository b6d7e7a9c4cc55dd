import type { SharedBots } from '../../src/gateway/index.js';

/** Each bot belongs to a single account. */
export const unsharedBots: Pick<SharedBots, 'isOurs' | 'deliver'> = {
  isOurs: () => Promise.resolve(true),
  deliver: (account, event, accept) => accept(account, event),
};

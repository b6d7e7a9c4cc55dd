import type { ChannelAccount, CommandMenuEntry, CommandOffers } from '../contracts/channel.js';
import type { SuggestValues } from '../contracts/command.js';
import type { Logger } from '../contracts/runtime.js';
import type { ServiceStore } from '../contracts/stores.js';

export interface CommandOffersDependencies {
  readonly service: ServiceStore;
  readonly menu: readonly CommandMenuEntry[];
  readonly suggestValues: SuggestValues;
  readonly logger: Logger;
}

/** The commands as one account presents them, however its platform asks for them. */
export function commandOffers(
  account: ChannelAccount,
  { service, menu, suggestValues, logger }: CommandOffersDependencies,
): CommandOffers {
  return {
    menu,
    async suggest(request) {
      try {
        const scope = await service.scope(account.tenantId);
        return scope === undefined ? [] : await suggestValues(scope, account, request);
      } catch (error) {
        // Nobody can act on an error while typing, so they see no suggestions.
        logger.warn({ error, command: request.command }, 'no suggestions for an option');
        return [];
      }
    },
  };
}

import type { ChannelAccount, ConnectionState } from '../../contracts/channel.js';
import type { Intake } from '../../contracts/chat.js';
import type { Command } from '../../contracts/command.js';
import type { Events } from '../../contracts/events.js';
import type { HandOver } from '../../contracts/hand-over.js';
import type { Webhooks } from '../../contracts/webhooks.js';
import { commandMenu, createSuggestValues } from '../../conversation/index.js';
import { Connections, createWebhooks, SharedBots, SharedChatTexts } from '../../gateway/index.js';
import { joinPerson } from '../../people/index.js';
import type { Foundation } from '../foundation.js';
import type { GatewayRoom } from './gateway.js';

interface Needs extends Foundation, GatewayRoom {
  readonly owner: string;
  readonly held: Set<string>;
  readonly intake: Intake;
  readonly commands: readonly Command[];
  readonly handOver: HandOver;
  readonly events: Events;
}

/** Incoming messages: connections held by this process, and webhook calls. */
export function connectionsRoom(needs: Needs): {
  readonly connections: Connections;
  readonly webhooks: Webhooks;
} {
  const { settings, service, accounts, intake, commands, owner, held, i18n, clock, logger, metrics } = needs;
  const offers = {
    menu: commandMenu(commands, i18n),
    suggestValues: createSuggestValues({ commands, i18n }),
  };
  const texts = new SharedChatTexts({ service, i18n, clock, logger });
  const sharedBots = new SharedBots({ accounts, service, texts, clock });
  const shared = { service, accounts, intake, sharedBots, clock, logger, metrics, ...offers };
  const publicUrl = settings.PUBLIC_URL === undefined ? {} : { publicUrl: settings.PUBLIC_URL };
  const tellStaff = async (account: ChannelAccount, state?: ConnectionState): Promise<void> => {
    try {
      const scope = await service.scope(account.tenantId);
      if (scope === undefined) return;
      if (state === undefined) await needs.handOver.channelConnected(scope, account);
      else await needs.handOver.channelFailed(scope, account, state);
    } catch (error) {
      logger.warn({ error, accountId: account.id }, 'staff could not be told about a channel');
    }
  };
  return {
    connections: new Connections({
      ...shared,
      ...publicUrl,
      samePerson: (account, userId, formerId) =>
        joinPerson(account, userId, formerId, { service, events: needs.events, clock, logger }),
      owner,
      held,
      failed: (account, state) => void tellStaff(account, state),
      connected: (account) => void tellStaff(account),
      longOutageMs: settings.OUTAGE_NOTICE_SECONDS * 1_000,
    }),
    webhooks: createWebhooks(shared),
  };
}

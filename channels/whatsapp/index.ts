import { ChannelError, type Channel, type ChannelAccount } from '../../src/contracts/channel.js';
import type { Clock, Logger } from '../../src/contracts/runtime.js';
import { OPERATOR_FIELDS, whatsappConfigSchema, type WhatsAppConfig } from './config.js';
import { decodeUpdate } from './inbound.js';
import { fromReference } from './media-reference.js';
import { TEXT_LIMIT } from './render.js';
import type { Session } from './session/session.js';

export type { WhatsAppConfig } from './config.js';

/** Largest file we hold in memory; WhatsApp accepts far larger documents. */
const FILE_LIMIT = 64 * 1024 * 1024;

export interface WhatsAppChannelDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * WhatsApp as a linked device of the owner's phone, through the unofficial library Baileys. The library is
 * loaded when the first account is opened, and everything is sent through the socket of the process that
 * holds the account.
 */
export function createWhatsAppChannel({
  clock,
  logger,
}: WhatsAppChannelDependencies): Channel<WhatsAppConfig> {
  const sessions = new Map<string, Session>();
  return {
    name: 'whatsapp',
    capabilities: {
      textLimit: TEXT_LIMIT,
      buttons: false,
      typing: true,
      files: true,
      fileLimit: FILE_LIMIT,
      edits: true,
      reactions: true,
      bursts: true,
      delivery: 'push',
      sendsFrom: 'connection',
      repeatedSend: 'deduplicated',
      shows: { marks: true, namedLinks: false },
    },
    configSchema: whatsappConfigSchema,
    operatorFields: OPERATOR_FIELDS,
    // Ids carry no order, so the inbox keeps the order of arrival.
    compareMessageIds: () => 0,
    receive: (raw) => decodeUpdate(raw),
    send(target, message, account, signal) {
      const session = sessions.get(account.id);
      if (session === undefined) {
        return Promise.reject(new ChannelError('not-connected', 'send: the number is not connected here'));
      }
      return session.send(target, message, signal);
    },
    connection: {
      pairsBy: ['qr', 'code'],
      async open(account, sink, signal) {
        const { openConnection } = await import('./connection.js');
        await openConnection(account, sink, signal, {
          receive: decodeUpdate,
          live: (session) => setOrDelete(sessions, account, session),
          clock,
          logger: logger.child({ channel: 'whatsapp', accountId: account.id }),
        });
      },
    },
    files: {
      async download(reference, { config }, maxBytes, signal) {
        const file = fromReference(reference);
        const [{ fetchSealed }, { unseal }] = await Promise.all([
          import('./client.js'),
          import('./media.js'),
        ]);
        return unseal(await fetchSealed(file, config, maxBytes, signal), file, maxBytes);
      },
    },
  };
}

function setOrDelete(
  sessions: Map<string, Session>,
  { id }: ChannelAccount,
  session: Session | undefined,
): void {
  if (session === undefined) sessions.delete(id);
  else sessions.set(id, session);
}

import type { Receipt, SendTarget } from '../../src/contracts/channel.js';
import { chatIdOf, type SendContext } from './outbound/send.js';
import { TelegramError } from './telegram-error.js';

/**
 * How many message ids are looked at after the newest one that was known when it was sent, or is now: those that
 * a busy bot's other chats took meanwhile. A process that does not hear the updates knows few of them; but
 * each costs a call of the few that a bot has in a second, and what waits behind the search waits for it.
 */
const PROBED_IDS = 40;
/** More are not looked at. */
const MOST_PROBED = 400;

/**
 * Finds the message of a send whose reply was lost. The Bot API can neither list messages nor
 * take an idempotency key, but it tells whether a message of ours exists: an edit that changes
 * nothing is refused with "not modified" there, and differently everywhere else.
 *
 * Limits: in private chats ids are shared by all chats of the bot, so with more than
 * `MOST_PROBED` messages elsewhere between the newest id that was known when it was sent and ours,
 * ours is missed ("not-found", and it may be sent twice); a message that was deleted meanwhile is missed too; a message with buttons loses
 * them; of an unmodified one the time is that of the probe.
 */
export async function findSent(
  target: SendTarget,
  afterMessageId: string,
  context: SendContext,
): Promise<Receipt | 'not-found'> {
  const after = Number(afterMessageId);
  if (!Number.isSafeInteger(after)) return 'not-found';
  const { searched } = context.seen;
  const chatId = chatIdOf(target, context);
  const search = `${chatId} ${after}`;
  // Telegram may make it wait in the middle: then it goes on from there.
  const last = (): number =>
    Math.min(after + MOST_PROBED, Math.max(after, context.seen.newestOf(chatId)) + PROBED_IDS);
  for (let id = (searched.get(search) ?? after) + 1; id <= last(); id++) {
    const isThere = await isOurs(chatId, id, context);
    searched.set(search, id);
    if (!isThere) continue;
    searched.delete(search);
    return { messageId: String(id), sentAt: context.clock.now() };
  }
  searched.delete(search);
  return 'not-found';
}

async function isOurs(
  chatId: number | string,
  messageId: number,
  { client, waits, pace, signal }: SendContext,
): Promise<boolean> {
  try {
    await pace.unseen(signal);
    await waits.during(chatId, () =>
      client.call(
        'editMessageReplyMarkup',
        (api, grammySignal) =>
          api.editMessageReplyMarkup({ chat_id: chatId, message_id: messageId }, grammySignal),
        signal,
      ),
    );
    return true;
  } catch (error) {
    if (error instanceof TelegramError && error.kind === 'rejected') {
      return /message is not modified/i.test(error.facts.description ?? '');
    }
    throw error;
  }
}

import type { LostSend, Receipt, SendTarget } from '../../src/contracts/channel.js';
import { chatIdOf, keyboard, type SendContext } from './outbound/send.js';
import type { Search } from './outbound/searches.js';
import { TelegramError } from './telegram-error.js';

/** How many ids beyond the newest known one are checked while no later message of ours marks the end. */
const BEYOND_NEWEST = 40;
/** Most ids checked in one search: each costs one of the few calls per second that a bot has. */
const MOST_PROBED = 150;
/**
 * Finds the message of a send whose reply was lost. The Bot API can neither list messages nor take an
 * idempotency key, but it reveals whether a message of ours exists: an edit that changes nothing is refused
 * with "not modified" if it does, and with another error if it does not.
 *
 * Only ids unknown to this process are checked, so if one process sends and receives everything for a bot,
 * these belong only to lost sends. The search ends at the first message of ours whose send began after the
 * search did, because ids only grow.
 *
 * Limits: a message with more than `MOST_PROBED` unknown ids before it is missed ("not-found", and it may be
 * sent twice), and so is one that has been deleted; the time on the receipt is that of the search.
 */
export async function findSent(
  target: SendTarget,
  { after: afterMessageId, buttons }: LostSend,
  context: SendContext,
): Promise<Receipt | 'not-found'> {
  const after = Number(afterMessageId);
  if (!Number.isSafeInteger(after)) return 'not-found';
  const { searches, clock } = context;
  const chatId = chatIdOf(target, context);
  const key = `${chatId} ${after}`;
  let search = searches.get(key) ?? { beganMs: clock.monotonicMs(), lastId: after, probed: 0 };
  for (;;) {
    searches.set(key, search);
    const id = nextUnknown(chatId, after, search, context);
    if (id === undefined) break;
    if (await isOurs(chatId, id, buttons, context)) {
      searches.delete(key);
      return { messageId: String(id), sentAt: clock.now() };
    }
    search = { ...search, lastId: id, probed: search.probed + 1 };
  }
  searches.delete(key);
  return 'not-found';
}

/** The next id that may belong to the lost message; `undefined` if none is left. */
function nextUnknown(
  chatId: number | string,
  after: number,
  { beganMs, lastId, probed }: Search,
  { messageIds }: SendContext,
): number | undefined {
  if (probed >= MOST_PROBED) return undefined;
  const end = Math.min(
    Math.max(messageIds.newestOf(chatId), after) + BEYOND_NEWEST,
    messageIds.firstSentSince(chatId, beganMs) - 1,
  );
  for (let id = lastId + 1; id <= end; id++) if (!messageIds.isKnown(chatId, id)) return id;
  return undefined;
}

/** Checks by removing the buttons, then restores the expected ones. */
async function isOurs(
  chatId: number | string,
  messageId: number,
  buttons: LostSend['buttons'],
  context: SendContext,
): Promise<boolean> {
  const isThere = await editButtons(chatId, messageId, undefined, context);
  if (isThere && buttons !== undefined) await editButtons(chatId, messageId, buttons, context);
  return isThere;
}

/** Returns whether the message exists and is ours. */
async function editButtons(
  chatId: number | string,
  messageId: number,
  buttons: LostSend['buttons'],
  { client, waits, pace, signal }: SendContext,
): Promise<boolean> {
  try {
    await pace.unseen(signal);
    await waits.during(chatId, () =>
      client.call(
        'editMessageReplyMarkup',
        (api, grammySignal) =>
          api.editMessageReplyMarkup(
            { chat_id: chatId, message_id: messageId, ...keyboard(buttons === undefined ? {} : { buttons }) },
            grammySignal,
          ),
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

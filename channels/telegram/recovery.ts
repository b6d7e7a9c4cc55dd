import type { LostSend, Receipt, SendTarget } from '../../src/contracts/channel.js';
import { chatIdOf, keyboard, type SendContext } from './outbound/send.js';
import type { Search } from './outbound/searches.js';
import { TelegramError } from './telegram-error.js';

/** How far beyond the newest known id is looked, while no later message of ours says where to end. */
const BEYOND_NEWEST = 40;
/** Ids that are asked for in one search: each costs a call of the few that a bot has in a second. */
const MOST_PROBED = 150;
/**
 * Finds the message of a send whose reply was lost. The Bot API can neither list messages nor
 * take an idempotency key, but it tells whether a message of ours exists: an edit that changes
 * nothing is refused with "not modified" there, and differently everywhere else.
 *
 * Only ids are asked for that this process knows nothing of, so where all of a bot is heard and sent
 * by one process, they are those of sends that were lost as well. The search ends at the first message
 * of ours that was begun after it: ids only grow.
 *
 * Limits: a message that more than `MOST_PROBED` unknown ids stand before is missed ("not-found", and it
 * may be sent twice), and so is one that was deleted meanwhile; the time of the receipt is that of the search.
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
  let search = searches.goOn(key, { beganMs: clock.monotonicMs(), lastId: after, probed: 0 });
  for (;;) {
    searches.keep(key, search);
    const id = nextUnknown(chatId, after, search, context);
    if (id === undefined) break;
    if (await isOurs(chatId, id, buttons, context)) {
      searches.end(key);
      return { messageId: String(id), sentAt: clock.now() };
    }
    search = { ...search, lastId: id, probed: search.probed + 1 };
  }
  searches.end(key);
  return 'not-found';
}

/** The next id that may be the lost one's; `undefined` where none is left. */
function nextUnknown(
  chatId: number | string,
  after: number,
  { beganMs, lastId, probed }: Search,
  { seen }: SendContext,
): number | undefined {
  if (probed >= MOST_PROBED) return undefined;
  const end = Math.min(
    Math.max(seen.newestOf(chatId), after) + BEYOND_NEWEST,
    seen.firstMadeSince(chatId, beganMs) - 1,
  );
  for (let id = lastId + 1; id <= end; id++) if (!seen.isKnown(chatId, id)) return id;
  return undefined;
}

/** Asks by taking the buttons away; those that were there are put back. */
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

/** Whether the message is there, and ours. */
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

/** Supergroups and channels count their own messages; all other chats of a bot share one counter. */
const FIRST_SUPERGROUP = -1_000_000_000_000;

/**
 * The newest message ids of one bot, as far as its sends told. Ids only grow: a send whose reply
 * was lost made none below the newest that was known when it began, in whichever chat.
 */
export class SeenIds {
  private readonly newest = new Map<string, number>();
  private readonly doubts = new Map<string, number>();

  newestOf(chatId: number | string): number {
    return this.newest.get(counterOf(chatId)) ?? 0;
  }

  sent(chatId: number | string, messageId: number): void {
    this.newest.set(counterOf(chatId), Math.max(messageId, this.newestOf(chatId)));
    this.doubts.delete(String(chatId));
  }

  /** The reply of a send into this chat was lost; it began when `newest` was the newest id. */
  doubtful(chatId: number | string, newest: number): void {
    this.doubts.set(String(chatId), newest);
  }

  /** What the doubtful send made has a higher id than this; 0 where that is not known. */
  doubtfulAfter(chatId: number | string): number {
    return this.doubts.get(String(chatId)) ?? 0;
  }
}

function counterOf(chatId: number | string): string {
  return Number(chatId) <= FIRST_SUPERGROUP ? String(chatId) : 'shared';
}

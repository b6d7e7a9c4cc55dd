/** Supergroups and channels count their own messages; all other chats of a bot share one counter. */
const FIRST_SUPERGROUP = -1_000_000_000_000;

/**
 * The newest message ids of one bot, as far as its sends and updates told. Ids only grow: a send
 * whose reply was lost made none below the newest that was known when it began, in whichever chat.
 */
export class SeenIds {
  private readonly newest = new Map<string, number>();
  /** How far a search for a lost message got, by where it began. */
  readonly searched = new Map<string, number>();

  /** 0 where none is known. */
  newestOf(chatId: number | string): number {
    return this.newest.get(counterOf(chatId)) ?? 0;
  }

  noted(chatId: number | string, messageId: number): void {
    if (Number.isSafeInteger(messageId) && messageId > this.newestOf(chatId)) {
      this.newest.set(counterOf(chatId), messageId);
    }
  }
}

function counterOf(chatId: number | string): string {
  return Number(chatId) <= FIRST_SUPERGROUP ? String(chatId) : 'shared';
}

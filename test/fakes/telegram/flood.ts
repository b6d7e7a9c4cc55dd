/** Telegram's own limits: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits */
const CHAT = { count: 1, withinMs: 1_000 };
const GROUP = { count: 20, withinMs: 60_000 };
const ALL = { count: 30, withinMs: 1_000 };

/** Only visible messages count, not typing indicators and the like. */
const COUNTED = /^(send(?!chataction)|editmessagetext)/;

/** Refuses messages that arrive faster than Telegram accepts them. */
export class Flood {
  private readonly chats = new Map<unknown, number[]>();
  private all: number[] = [];

  /** If the chat accepts no message now, when it accepts the next one, in ms since the epoch. */
  busyUntil(method: string, chatId: unknown): number | undefined {
    if (!COUNTED.test(method.toLowerCase())) return undefined;
    const now = Date.now();
    const sent = (this.chats.get(chatId) ?? []).filter((at) => at > now - GROUP.withinMs);
    this.all = this.all.filter((at) => at > now - ALL.withinMs);
    const freeAt = Math.max(
      freeAfter(sent, CHAT),
      Number(chatId) < 0 ? freeAfter(sent, GROUP) : 0,
      freeAfter(this.all, ALL),
    );
    this.chats.set(chatId, sent);
    if (freeAt > now) return freeAt;
    sent.push(now);
    this.all.push(now);
    return undefined;
  }
}

function freeAfter(sent: readonly number[], { count, withinMs }: typeof CHAT): number {
  return (sent.at(-count) ?? -Infinity) + withinMs;
}

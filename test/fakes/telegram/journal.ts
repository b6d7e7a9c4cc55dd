import type { FakeMessage, Params } from './types.js';

export interface JournalCall {
  readonly method: string;
  readonly params: Params;
  /** In ms since the epoch. */
  readonly at: number;
  /** Made during a wait that a 429 requested. */
  readonly duringWait: boolean;
}

/** Everything one bot did as seen by Telegram; the tests check against this. */
export class Journal {
  readonly calls: JournalCall[] = [];
  private readonly seen = new Map<string, FakeMessage[]>();

  record(call: JournalCall): void {
    this.calls.push(call);
  }

  show(message: FakeMessage): void {
    const key = String(message.chat.id);
    this.seen.set(key, [...(this.seen.get(key) ?? []), message]);
  }

  /** Replaces a message after an edit; `undefined` removes it. */
  change(chatId: number, messageId: number, message: FakeMessage | undefined): void {
    const others = this.messages(chatId).flatMap((old) =>
      old.message_id !== messageId ? [old] : message ? [message] : [],
    );
    this.seen.set(String(chatId), others);
  }

  /** The bot's messages as people in the chat see them, oldest first. */
  messages(chatId: number | string): readonly FakeMessage[] {
    return this.seen.get(String(chatId)) ?? [];
  }

  callsOf(method: string): readonly JournalCall[] {
    return this.calls.filter((call) => call.method.toLowerCase() === method.toLowerCase());
  }

  /** Calls made although Telegram had asked to wait; must stay empty. */
  get violations(): readonly JournalCall[] {
    return this.calls.filter((call) => call.duringWait);
  }
}

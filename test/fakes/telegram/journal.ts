import type { FakeMessage, Params } from './types.js';

export interface JournalCall {
  readonly method: string;
  readonly params: Params;
  /** Milliseconds of the machine's clock. */
  readonly at: number;
  /** Made during a wait that a 429 had asked for. */
  readonly duringWait: boolean;
}

/** Everything one bot did, seen from Telegram's side: the oracle of the tests. */
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

  /** Messages of the bot that the people in a chat see, oldest first. */
  messages(chatId: number | string): readonly FakeMessage[] {
    return this.seen.get(String(chatId)) ?? [];
  }

  callsOf(method: string): readonly JournalCall[] {
    return this.calls.filter((call) => call.method.toLowerCase() === method.toLowerCase());
  }

  /** Calls that came although Telegram had asked to wait: must stay empty. */
  get violations(): readonly JournalCall[] {
    return this.calls.filter((call) => call.duringWait);
  }
}

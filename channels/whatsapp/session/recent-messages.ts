import type { WAMessage } from '@whiskeysockets/baileys';

/** How many messages are remembered; quotes and reactions refer to recent ones. */
const MOST_MESSAGES = 500;

/** Recent messages from people: a quote repeats the message, and a reaction names its author. */
export class RecentMessages {
  private readonly messages = new Map<string, WAMessage>();

  put(message: WAMessage): void {
    const { id } = message.key;
    if (!id) return;
    this.messages.delete(id);
    this.messages.set(id, message);
    const [oldest] = this.messages.keys();
    if (this.messages.size > MOST_MESSAGES && oldest !== undefined) this.messages.delete(oldest);
  }

  get(id: string): WAMessage | undefined {
    return this.messages.get(id);
  }
}

import type { WAMessage } from '@whiskeysockets/baileys';

/** Whoever is quoted or reacted to wrote not long ago. */
const MOST_MESSAGES = 500;

/** What people wrote lately: a quote repeats the message, and a reaction names its author. */
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

import type { WAMessageKey, WASocket } from '@whiskeysockets/baileys';

/** How long the number stays online after it last typed, in ms. */
const ONLINE_FOR_MS = 40_000;
/** How long a read receipt or presence update may delay the message itself, in ms. */
const MOST_WAIT_MS = 1_500;
/** Most messages of a chat that are marked as read together. */
const MOST_UNREAD = 50;

/**
 * Shows what a person at the phone would show: messages read when the answer begins, online while it lasts.
 */
export class Presence {
  private readonly unread = new Map<string, WAMessageKey[]>();
  private timer: NodeJS.Timeout | undefined;
  private isOnline = false;
  private readonly composing = new Set<string>();

  constructor(
    private readonly socket: WASocket,
    private readonly marksRead: boolean,
  ) {}

  /** Notes a message, to be marked as read when the answer begins. */
  wrote(chatId: string, key: WAMessageKey): void {
    this.unread.set(chatId, [...(this.unread.get(chatId) ?? []), key].slice(-MOST_UNREAD));
  }

  async read(chatId: string): Promise<void> {
    const keys = this.unread.get(chatId) ?? [];
    this.unread.delete(chatId);
    if (this.marksRead && keys.length > 0) await inTime(this.socket.readMessages(keys));
  }

  async typing(chatId: string, jid: string): Promise<void> {
    await Promise.all([this.comeOnline(), this.read(chatId)]);
    this.composing.add(jid);
    await this.socket.sendPresenceUpdate('composing', jid);
  }

  /** The message was sent, so typing ends. */
  async sent(jid: string): Promise<void> {
    if (this.composing.delete(jid)) await inTime(this.socket.sendPresenceUpdate('paused', jid));
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private async comeOnline(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.isOnline = false;
      this.socket.sendPresenceUpdate('unavailable').catch(() => undefined);
    }, ONLINE_FOR_MS);
    if (this.isOnline) return;
    this.isOnline = true;
    await inTime(this.socket.sendPresenceUpdate('available'));
  }
}

/** Waits for the work up to the time limit; ignores failures. */
async function inTime(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, MOST_WAIT_MS);
  });
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
}

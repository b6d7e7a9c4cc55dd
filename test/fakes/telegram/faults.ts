import type { PlainFault } from '../loopback-server.js';

/** A failure of one call. */
export type Fault =
  | {
      readonly status: number;
      readonly description?: string;
      readonly retryAfter?: number;
      /** The whole bot has to wait; otherwise the chat, if the call is for one. Telegram does not say which. */
      readonly isForBot?: boolean;
    }
  | PlainFault;

/** What no call is accepted for: the whole bot, its polls, or one chat by its id. */
type WaitScope = 'bot' | 'polls' | `chat ${string}`;

export interface Wait {
  readonly scope: WaitScope;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** Scopes whose waits a call has to obey; the last is the narrowest. */
export function scopesOf(method: string, chatId: unknown): readonly WaitScope[] {
  if (method.toLowerCase() === 'getupdates') return ['polls'];
  return chatId === undefined ? ['bot'] : ['bot', `chat ${JSON.stringify(chatId)}`];
}

/** Scripted faults by method; each is used once, in order. */
export class Faults {
  private readonly scripted = new Map<string, Fault[]>();
  /** Waits imposed with a 429. */
  readonly waits: Wait[] = [];

  add(method: string, ...faults: readonly Fault[]): void {
    const key = method.toLowerCase();
    this.scripted.set(key, [...(this.scripted.get(key) ?? []), ...faults]);
  }

  /** How many faults were not used yet. */
  get waiting(): number {
    return [...this.scripted.values()].reduce((sum, faults) => sum + faults.length, 0);
  }

  /** Removes the remaining faults; waits already imposed stay. */
  clear(): void {
    this.scripted.clear();
  }

  next(method: string): Fault | undefined {
    return this.scripted.get(method.toLowerCase())?.shift();
  }
}

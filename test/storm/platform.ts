import type { Random } from './random.js';

/** Two businesses share every platform, and the same people write to both. */
export const BUSINESSES = ['satu', 'dua'] as const;
export type Business = (typeof BUSINESSES)[number];

export function markOf(business: Business): string {
  return `KEDAI-${business.toUpperCase()}`;
}

/**
 * How long a send may be in progress before its receipt is stored, including the check of its outcome, in ms.
 */
export const UNDER_WAY_MS = 5_000;

/** Faults wait for calls to affect; with more of them waiting, hardly any call would succeed. */
export const MOST_WAITING = 3;

export interface StormConversation {
  /** As used in tokens, e.g. `T1C004`. */
  readonly name: string;
  readonly business: Business;
  /** The person writes; `twin` is delivered first although it was written second. */
  write(text: string, twin?: string): Promise<void>;
  /** Everything the person sees from the bot in this conversation, oldest first. */
  readonly seen: () => readonly string[];
}

/** One platform of the storm: its accounts, its conversations, its faults and what people saw. */
export interface StormPlatform {
  readonly name: string;
  /** A business is connected with `POST /v1/tenants/{id}/channels` and these values. */
  account(business: Business): {
    readonly channel: string;
    readonly config: Readonly<Record<string, unknown>>;
  };
  /** Finishes connecting once the accounts exist, e.g. by pairing. */
  connect(
    business: Business,
    state: () => Promise<{ readonly qr?: string; readonly state: string }>,
  ): Promise<void>;
  readonly conversations: readonly StormConversation[];
  /** Delivers an earlier update again. */
  repeat(random: Random): Promise<void>;
  /** Causes a fault: a rejected call, a lost reply or a broken connection. */
  trouble(random: Random): void;
  /** Ends the storm: faults that have not happened yet are dropped. */
  calm(): void;
  /**
   * Texts that may have been in transit when a process was killed at one of these times, on platforms without
   * idempotency keys. Only these may appear twice.
   */
  inDoubtAt(kills: readonly number[]): ReadonlySet<string>;
  /** Calls during a requested wait, and everything else a client must not do. */
  readonly violations: () => readonly string[];
  close(): Promise<void>;
}

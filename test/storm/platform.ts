import type { Random } from './random.js';

/** Two businesses share every platform, and the same people write to both. */
export const BUSINESSES = ['satu', 'dua'] as const;
export type Business = (typeof BUSINESSES)[number];

export function markOf(business: Business): string {
  return `KEDAI-${business.toUpperCase()}`;
}

/** So long a send may be under way, with looking for what became of it, before its receipt is stored. */
export const UNDER_WAY_MS = 5_000;

/** Faults wait for calls to spoil: more of them, and hardly a call would go well. */
export const MOST_WAITING = 3;

export interface StormConversation {
  /** As in tokens, e.g. `T1C004`. */
  readonly name: string;
  readonly business: Business;
  /** The person writes; `twin` is delivered before it although it was written after it. */
  write(text: string, twin?: string): Promise<void>;
  /** Everything the person sees of the bot here, oldest first. */
  readonly seen: () => readonly string[];
}

/** A platform in the storm: what connects to it, who writes there, what goes wrong, what was seen. */
export interface StormPlatform {
  readonly name: string;
  /** `POST /v1/tenants/{id}/channels` with these connects a business to it. */
  account(business: Business): {
    readonly channel: string;
    readonly config: Readonly<Record<string, unknown>>;
  };
  /** What is left to do once the accounts are there, e.g. pairing. */
  connect(
    business: Business,
    state: () => Promise<{ readonly qr?: string; readonly state: string }>,
  ): Promise<void>;
  readonly conversations: readonly StormConversation[];
  /** Delivers something again that was delivered before. */
  repeat(random: Random): Promise<void>;
  /** Something goes wrong: a refusal, a lost reply, a broken connection. */
  trouble(random: Random): void;
  /** The storm is over: what did not go wrong yet goes well. */
  calm(): void;
  /**
   * What may have been on its way when a process was killed at one of these moments, where the
   * platform knows no keys that make repeating harmless: nothing else may come twice.
   */
  inDoubtAt(kills: readonly number[]): ReadonlySet<string>;
  /** Calls during a wait that was asked for, and everything else a client must not do. */
  readonly violations: () => readonly string[];
  close(): Promise<void>;
}

import type { ConnectionState, PairingRequest } from './channel.js';
import type { Locale } from './message.js';
import type { TenantScope } from './stores.js';

/** An account of a business, as its staff see it in a chat. */
export interface DeskAccount {
  readonly id: string;
  readonly channel: string;
  readonly isPaused: boolean;
  /** None where the account has a credential instead. */
  readonly pairsBy: readonly PairingRequest['method'][];
  /** Unknown until it was connected once. */
  readonly state?: ConnectionState;
}

export type AddOutcome =
  | { readonly type: 'added'; readonly account: DeskAccount }
  /** It needs a secret, and a secret in a chat is read by all who read the chat. */
  | { readonly type: 'needs-secret' }
  | { readonly type: 'unknown'; readonly known: readonly string[] };

/** What the phone is paired with now. */
export type PairingOffer =
  | { readonly type: 'qr'; readonly png: Uint8Array }
  | { readonly type: 'code'; readonly code: string }
  | { readonly type: 'open' }
  /** Nobody connects the account, or the platform gave no code. */
  | { readonly type: 'none'; readonly reason?: string };

export interface PairingAsker {
  readonly scope: TenantScope;
  readonly conversationId: string;
  readonly locale: Locale;
  /** Names this wish: what is said for it is said once. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** The accounts of a business on the platforms, looked after from a chat. */
export interface ChannelDesk {
  accounts(tenantId: string): Promise<readonly DeskAccount[]>;
  add(tenantId: string, channel: string): Promise<AddOutcome>;
  /** `false`: no such account. */
  pause(tenantId: string, accountId: string, isPaused: boolean): Promise<boolean>;
  /**
   * Asks for pairing and waits some seconds for the code. What takes its place, and how it ends,
   * is said in the conversation later.
   */
  pair(account: DeskAccount, request: PairingRequest, asker: PairingAsker): Promise<PairingOffer>;
}

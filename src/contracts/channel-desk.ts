import type { ConnectionState, PairingRequest } from './channel.js';
import type { Locale } from './message.js';
import type { TenantScope } from './stores.js';

/** A channel account as the business's staff see it in a chat. */
export interface DeskAccount {
  readonly id: string;
  readonly channel: string;
  readonly isPaused: boolean;
  /** Empty when the account uses a credential instead. */
  readonly pairsBy: readonly PairingRequest['method'][];
  /** Absent until it has connected once. */
  readonly state?: ConnectionState;
}

export type AddOutcome =
  | { readonly type: 'added'; readonly account: DeskAccount }
  /** The account needs a secret, and everyone in the chat could read it. */
  | { readonly type: 'needs-secret' }
  | { readonly type: 'unknown'; readonly available: readonly string[] };

/** The code or picture to pair the phone with. */
export type PairingOffer =
  | { readonly type: 'qr'; readonly png: Uint8Array }
  | { readonly type: 'code'; readonly code: string }
  | { readonly type: 'open' }
  /** No process holds the account's connection, or the platform returned no code. */
  | { readonly type: 'none'; readonly reason?: string };

export interface PairingAsker {
  readonly scope: TenantScope;
  readonly conversationId: string;
  readonly locale: Locale;
  /** Identifies this request, so that each message about it is sent once. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** Lets staff manage a business's channel accounts from a chat. */
export interface ChannelDesk {
  accounts(tenantId: string): Promise<readonly DeskAccount[]>;
  add(tenantId: string, channel: string): Promise<AddOutcome>;
  /** `false`: no such account. */
  pause(tenantId: string, accountId: string, isPaused: boolean): Promise<boolean>;
  /**
   * Requests pairing and waits a few seconds for the code. Later codes and the outcome are posted to the
   * conversation.
   */
  pair(account: DeskAccount, request: PairingRequest, asker: PairingAsker): Promise<PairingOffer>;
}

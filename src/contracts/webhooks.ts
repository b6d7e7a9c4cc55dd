import type { WebhookCall } from './channel.js';

/** The account a platform says it is calling for, taken from the URL. */
export interface WebhookAddress {
  /** Name of a channel, e.g. `telegram`. */
  readonly channel: string;
  readonly accountId: string;
}

/** A call whose headers were accepted. */
export interface AdmittedCall {
  /**
   * Resolves once everything in the body is stored durably; only then may the platform be told that it was
   * received. `refused`: the body is not from the platform. Rejects with what the store throws.
   */
  take(
    body: Uint8Array,
  ): Promise<{ readonly type: 'refused' } | { readonly type: 'stored'; readonly answer: unknown }>;
}

/** Entry point for platforms that call us. */
export interface Webhooks {
  /**
   * `undefined` if the account does not exist, has no webhook, or did not expect this call; the caller cannot
   * tell which. Rejects with a `StoreError` if that cannot be determined right now.
   */
  admit(address: WebhookAddress, call: WebhookCall): Promise<AdmittedCall | undefined>;
}

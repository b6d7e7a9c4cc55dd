import type { WebhookCall } from './channel.js';

/** The account a platform says it calls for, taken from the URL. */
export interface WebhookAddress {
  /** Name of a channel, e.g. `telegram`. */
  readonly channel: string;
  readonly accountId: string;
}

/** A call whose headers were accepted. */
export interface AdmittedCall {
  /**
   * Resolves once everything in the body is stored durably: only then may the platform be told
   * "received". `refused`: the body is not from the platform. Rejects with what the store throws.
   */
  take(
    body: Uint8Array,
  ): Promise<{ readonly type: 'refused' } | { readonly type: 'stored'; readonly answer: unknown }>;
}

/** The way in for platforms that call us. */
export interface Webhooks {
  /**
   * `undefined` for an account that does not exist, is not called, or did not expect this call: the
   * caller cannot tell which. Rejects with a `StoreError` where that cannot be found out now.
   */
  admit(address: WebhookAddress, call: WebhookCall): Promise<AdmittedCall | undefined>;
}

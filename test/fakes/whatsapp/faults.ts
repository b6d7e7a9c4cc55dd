/** What happens to the next message that the account sends. */
export type SendFault =
  /** Refused with this code in the acknowledgement, e.g. `463`. */
  | { readonly nack: string }
  /** The connection breaks before the server accepts the message. */
  | { readonly drop: 'before' }
  /** People receive it, and the connection breaks before it is acknowledged. */
  | { readonly drop: 'after' }
  /** People receive it, but it is never acknowledged. */
  | { readonly silent: true }
  | { readonly delayMs: number };

/** Failures on demand; each is used once. */
export class Faults {
  private readonly sends: SendFault[] = [];
  private readonly logins: string[] = [];
  private lostReceipts = 0;
  private readonly uploads: number[] = [];
  private readonly downloads: number[] = [];

  /** Applies to the next messages, in order. */
  onSend(...faults: readonly SendFault[]): void {
    this.sends.push(...faults);
  }

  /** The next logins receive a `failure` with these reasons, e.g. `503`. */
  onLogin(...reasons: readonly string[]): void {
    this.logins.push(...reasons);
  }

  /** The next uploads are answered with these HTTP statuses. */
  onUpload(...states: readonly number[]): void {
    this.uploads.push(...states);
  }

  onDownload(...states: readonly number[]): void {
    this.downloads.push(...states);
  }

  /** The connection breaks as each of the next `count` receipts arrives; these receipts do not count. */
  losesReceipts(count: number): void {
    this.lostReceipts = count;
  }

  isNextReceiptLost(): boolean {
    return this.lostReceipts > 0 && this.lostReceipts-- > 0;
  }

  /** How many faults for sends were not used yet. */
  get waiting(): number {
    return this.sends.length;
  }

  /** Removes all remaining faults. */
  clear(): void {
    for (const list of [this.sends, this.logins, this.uploads, this.downloads]) list.length = 0;
    this.lostReceipts = 0;
  }

  nextSend(): SendFault | undefined {
    return this.sends.shift();
  }

  nextLogin(): string | undefined {
    return this.logins.shift();
  }

  nextUpload(): number | undefined {
    return this.uploads.shift();
  }

  nextDownload(): number | undefined {
    return this.downloads.shift();
  }
}

/** What becomes of the next message that the account sends. */
export type SendFault =
  /** Refused with this code in its acknowledgement, e.g. `463`. */
  | { readonly nack: string }
  /** The connection breaks before the server has taken it. */
  | { readonly drop: 'before' }
  /** People get it, and the connection breaks before it is acknowledged. */
  | { readonly drop: 'after' }
  /** People get it, and it is never acknowledged. */
  | { readonly silent: true }
  | { readonly delayMs: number };

/** Failures on demand, each used once. */
export class Faults {
  private readonly sends: SendFault[] = [];
  private readonly logins: string[] = [];
  private lostReceipts = 0;
  private readonly uploads: number[] = [];
  private readonly downloads: number[] = [];

  /** Concerns the next messages, one after the other. */
  onSend(...faults: readonly SendFault[]): void {
    this.sends.push(...faults);
  }

  /** The next logins get a `failure` with these reasons, e.g. `503`. */
  onLogin(...reasons: readonly string[]): void {
    this.logins.push(...reasons);
  }

  /** The next uploads are answered with these HTTP states. */
  onUpload(...states: readonly number[]): void {
    this.uploads.push(...states);
  }

  onDownload(...states: readonly number[]): void {
    this.downloads.push(...states);
  }

  /** The connection breaks right when so many next receipts arrive: they do not count. */
  losesReceipts(count: number): void {
    this.lostReceipts = count;
  }

  isNextReceiptLost(): boolean {
    return this.lostReceipts > 0 && this.lostReceipts-- > 0;
  }

  /** Sends that something waits for. */
  get waiting(): number {
    return this.sends.length;
  }

  /** Nothing more goes wrong. */
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

/** A platform on which a developer plays a customer by hand. */
export interface Stage {
  readonly name: string;
  /** Settings that connect Sapa to it. */
  readonly settings: Readonly<Record<string, string>>;
  /** What can be typed after the platform's name. */
  readonly help: readonly string[];
  /** Performs the customer's action. Throws if it is not possible. */
  play(line: string): void;
  /** What the bot shows now, one line per message, oldest first. */
  shown(): readonly string[];
  close(): Promise<void>;
}

/** A platform on which a developer plays a customer by hand. */
export interface Stage {
  readonly name: string;
  /** Settings that point Sapa at it. */
  readonly settings: Readonly<Record<string, string>>;
  /** What can be typed after its name. */
  readonly help: readonly string[];
  /** The customer does something. Throws where that cannot be. */
  play(line: string): void;
  /** What the bot shows now, a line for each message, oldest first. */
  shown(): readonly string[];
  close(): Promise<void>;
}

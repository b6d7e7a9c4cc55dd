/** A parsed line such as `/kb@sapa_bot search opening hours`. */
export interface ParsedCommand {
  /** In lower case, without the slash. */
  readonly name: string;
  /** The bot addressed, without the `@`; absent if none was named. */
  readonly bot?: string;
  /** Everything after the name and the white space that follows it, as typed. */
  readonly argumentText: string;
}

/** Names have at most 32 letters, digits or underscores, the lowest platform limit. */
const COMMAND = /^\/([a-z0-9_]{1,32})(?:@([a-z0-9_]{1,64}))?(?:\s+|$)/i;

/** The command at the start of a text, or `undefined` for an ordinary message. */
export function parseCommand(text: string): ParsedCommand | undefined {
  const match = COMMAND.exec(text);
  const name = match?.[1];
  if (match === null || name === undefined) return undefined;
  const bot = match[2];
  return {
    name: name.toLowerCase(),
    argumentText: text.slice(match[0].length),
    ...(bot === undefined ? {} : { bot }),
  };
}

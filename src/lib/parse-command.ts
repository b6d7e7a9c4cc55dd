/** A line such as `/kb@sapa_bot search opening hours`. */
export interface ParsedCommand {
  /** Without the slash, lower case. */
  readonly name: string;
  /** The bot it is meant for, without the `@`; absent when the person named none. */
  readonly bot?: string;
  /** Everything after the name and the white space behind it, as typed. */
  readonly argumentText: string;
}

/** Names have at most 32 letters, digits or underscores, the smallest limit of the platforms. */
const COMMAND = /^\/([a-z0-9_]{1,32})(?:@([a-z0-9_]{1,64}))?(?:\s+|$)/i;

/** The command a text starts with, or `undefined` when it is an ordinary message. */
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

import type { Channel } from '../../src/contracts/channel.js';
import type { Clock } from '../../src/contracts/runtime.js';
import { createResponseChannel } from '../../src/lib/channels/response-channel.js';

export { runTerminal } from './run-terminal.js';
export type { TerminalDependencies } from './run-terminal.js';

/** `npm run chat`: one person at a terminal, or a pipe. */
export function createTerminalChannel(clock: Clock): Channel<Record<string, never>> {
  return createResponseChannel('terminal', clock);
}

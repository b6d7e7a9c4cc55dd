import type { Channel } from '../../src/contracts/channel.js';
import type { Clock } from '../../src/contracts/runtime.js';
import { createResponseChannel } from '../../src/lib/channels/response-channel.js';

/** The playground page, the widget and the API: answers are returned to the request that asked. */
export function createWebChannel(clock: Clock): Channel<Record<string, never>> {
  return createResponseChannel('web', clock);
}

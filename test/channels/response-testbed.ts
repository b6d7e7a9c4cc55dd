import { createChannels } from '../../channels/index.js';
import type { ChannelTestbed } from '../contracts/channel.js';
import { ManualClock } from '../fakes/manual-clock.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { LocalWaits } from '../../src/lib/work/local-waits.js';

/** One of our own channels: its client waits for the answer, so no pushed messages can be seen. */
export function responseTestbed(name: 'web' | 'terminal'): Promise<ChannelTestbed<unknown>> {
  const clock = new ManualClock();
  const channel = createChannels({ clock, logger: silentLogger, fetch, waits: new LocalWaits(clock) })[name];
  let count = 0;
  const raw = (text: string): unknown => {
    clock.advance(1);
    count += 1;
    return { event_id: `e${count}`, user_id: 'visitor', text, name: 'Siti', language_tag: 'id-ID' };
  };
  return Promise.resolve({
    channel,
    account: { id: name, tenantId: 'shop', channel: name, config: {} },
    secrets: [],
    target: { chat: { chatId: 'visitor', kind: 'direct' } },
    rawText: raw,
    rawCommand: (command, argumentText) => raw(`/${command} ${argumentText}`),
    close: () => Promise.resolve(),
  });
}

import type {
  CommandMenuEntry,
  ConnectionSink,
  ConnectionState,
  InboundEvent,
  Reception,
} from '../../src/contracts/channel.js';
import type { ChannelTestbed } from '../contracts/channel.js';
import { createMemoryState } from '../fakes/memory-state.js';

const everyone = { audience: 'everyone', options: [], subcommands: [] } as const;
export const MENU: readonly CommandMenuEntry[] = [
  { ...everyone, name: 'help', description: { en: 'What I can do', id: 'Yang bisa saya bantu' } },
  { ...everyone, name: 'language', description: { en: 'Language', id: 'Bahasa' } },
  { ...everyone, audience: 'staff', name: 'teach', description: { en: 'Teach', id: 'Ajari' } },
];

/** Runs a connection for the bed's account and records everything it reports. */
export function runConnection<Config>(
  bed: ChannelTestbed<Config>,
  accept: (event: InboundEvent) => Promise<void> = () => Promise.resolve(),
  options: Partial<Pick<ConnectionSink, 'webhookUrl' | 'menu' | 'suggest' | 'staff' | 'isOurs'>> = {},
) {
  const aborter = new AbortController();
  const accepted: InboundEvent[] = [];
  const discarded: Reception[] = [];
  const states: ConnectionState[] = [];
  const sink: ConnectionSink = {
    state: bed.state ?? createMemoryState(),
    menu: MENU,
    suggest: () => Promise.resolve([]),
    staff: () => Promise.resolve([]),
    samePerson: () => Promise.resolve(true),
    isOurs: () => Promise.resolve(true),
    ...options,
    async accept(event) {
      await accept(event);
      accepted.push(event);
    },
    discard: (reception) => void discarded.push(reception),
    changed: (state) => void states.push(state),
  };
  const ended =
    bed.channel.connection?.open(bed.account, sink, aborter.signal) ?? Promise.reject(new Error('none'));
  ended.catch(() => undefined);
  return {
    accepted,
    discarded,
    states,
    ended,
    aborter,
    isOpen: () => states.at(-1)?.state === 'open',
    async stop() {
      aborter.abort();
      await ended;
    },
  };
}

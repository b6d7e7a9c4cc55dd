import type {
  AccountState,
  Channel,
  ChannelAccount,
  ConnectionSink,
  ConnectionState,
  InboundEvent,
  PairingRequest,
  Reception,
} from '../../../src/contracts/channel.js';
import type { WhatsAppConfig } from '../../../channels/whatsapp/index.js';
import { waitUntil } from '../../support/wait.js';

export interface RunOptions {
  readonly channel: Channel<WhatsAppConfig>;
  readonly account: ChannelAccount<WhatsAppConfig>;
  readonly state: AccountState;
  readonly pairing?: PairingRequest;
  readonly accept?: (event: InboundEvent) => Promise<void>;
}

export type RunningConnection = ReturnType<typeof runConnection>;

/** Runs a connection of an account and records everything it reports. */
export function runConnection({ channel, account, state, pairing, accept }: RunOptions) {
  const aborter = new AbortController();
  const accepted: InboundEvent[] = [];
  const discarded: Reception[] = [];
  const states: ConnectionState[] = [];
  const same: [string, string][] = [];
  const sink: ConnectionSink = {
    state,
    menu: [],
    suggest: () => Promise.resolve([]),
    staff: () => Promise.resolve([]),
    samePerson: (userId, formerId) => Promise.resolve(same.push([userId, formerId]) > 0),
    isOurs: () => Promise.resolve(true),
    ...(pairing === undefined ? {} : { pairing }),
    async accept(event) {
      await accept?.(event);
      accepted.push(event);
    },
    discard: (reception) => void discarded.push(reception),
    changed: (next) => void states.push(next),
  };
  const ended = channel.connection?.open(account, sink, aborter.signal) ?? Promise.reject(new Error('none'));
  ended.catch(() => undefined);
  const last = (): ConnectionState | undefined => states.at(-1);
  return {
    accepted,
    discarded,
    states,
    /** Pairs of ids that were found to belong to one person. */
    same,
    ended,
    last,
    texts: (): readonly string[] =>
      accepted.flatMap((event) => (event.type === 'message' ? [textOf(event)] : [])),
    isOpen: () => last()?.state === 'open',
    untilOpen: () => waitUntil(() => last()?.state === 'open'),
    untilState: (name: ConnectionState['state']) => waitUntil(() => last()?.state === name),
    qr: async (): Promise<string> => {
      await waitUntil(() => qrOf(last()) !== undefined);
      return qrOf(last()) ?? '';
    },
    async stop() {
      aborter.abort();
      await ended;
    },
  };
}

function qrOf(state: ConnectionState | undefined): string | undefined {
  return state?.state === 'needs-pairing' ? state.qr : undefined;
}

export function textOf(event: InboundEvent): string {
  if (!('parts' in event)) return '';
  return event.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

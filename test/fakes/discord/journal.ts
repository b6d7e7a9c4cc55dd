import type { FakeMessage, Json } from './types.js';

export interface JournalCall {
  readonly method: string;
  /** Includes ids, excludes the API version. */
  readonly path: string;
  readonly body: Json;
  readonly files: readonly string[];
  readonly at: number;
  readonly applicationId?: string;
  /** Made during a wait that a 429 requested or a used-up bucket announced. */
  readonly duringWait: boolean;
  /** Set when the call is answered. */
  status: number;
}

export interface GatewayCommand {
  readonly op: number;
  readonly d: unknown;
  readonly at: number;
  readonly applicationId?: string;
}

/** A message that notified a person's device. */
export interface Ping {
  readonly messageId: string;
  readonly who: string;
}

/** Everything the bots did as seen from outside; the tests check against this. */
export class Journal {
  readonly calls: JournalCall[] = [];
  readonly gateway: GatewayCommand[] = [];
  readonly pings: Ping[] = [];
  /** Responses with 401, 403 or 429, which count towards the ban of an address. */
  invalidRequests = 0;
  private readonly shown = new Map<string, FakeMessage[]>();

  show(message: FakeMessage): void {
    this.shown.set(message.channel_id, [...(this.shown.get(message.channel_id) ?? []), message]);
  }

  /** Replaces a message after an edit; `undefined` removes it. */
  change(channelId: string, messageId: string, message: FakeMessage | undefined): void {
    const others = this.messages(channelId).flatMap((old) =>
      old.id !== messageId ? [old] : message ? [message] : [],
    );
    this.shown.set(channelId, others);
  }

  /** The bots' current messages in a channel, oldest first; a "thinking" one has the flag 128. */
  messages(channelId: string): readonly FakeMessage[] {
    return this.shown.get(channelId) ?? [];
  }

  /** Texts of the bots' finished messages in a channel, oldest first. */
  texts(channelId: string): readonly string[] {
    return this.messages(channelId)
      .filter(({ flags }) => (flags & 128) === 0)
      .map(({ content }) => content);
  }

  /** Calls by method and path, e.g. `POST`, `/channels/1/messages`. */
  callsTo(method: string, path: RegExp | string): readonly JournalCall[] {
    return this.calls.filter(
      (call) =>
        call.method === method && (typeof path === 'string' ? call.path === path : path.test(call.path)),
    );
  }

  commands(op: number): readonly GatewayCommand[] {
    return this.gateway.filter((command) => command.op === op);
  }

  /** Calls made although Discord had asked to wait; must stay empty. */
  get violations(): readonly JournalCall[] {
    return this.calls.filter((call) => call.duringWait);
  }
}

import type { FakeMessage, Json } from './types.js';

export interface JournalCall {
  readonly method: string;
  /** Ids are kept, the version is cut off. */
  readonly path: string;
  readonly body: Json;
  readonly files: readonly string[];
  readonly at: number;
  readonly applicationId?: string;
  /** Made during a wait that a 429 had asked for, or that a used-up bucket had announced. */
  readonly duringWait: boolean;
  /** Filled in when it is answered. */
  status: number;
}

export interface GatewayCommand {
  readonly op: number;
  readonly d: unknown;
  readonly at: number;
  readonly applicationId?: string;
}

/** A message made a person's device ring. */
export interface Ping {
  readonly messageId: string;
  readonly who: string;
}

/** Everything the outside saw of the bots: the oracle of the tests. */
export class Journal {
  readonly calls: JournalCall[] = [];
  readonly gateway: GatewayCommand[] = [];
  readonly pings: Ping[] = [];
  /** Answers with 401, 403 and 429 that count towards the ban of an address. */
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

  /** What the bots show in a channel, oldest first; one that is "thinking" has the flag 128. */
  messages(channelId: string): readonly FakeMessage[] {
    return this.shown.get(channelId) ?? [];
  }

  /** Finished texts of the bots in a channel, oldest first. */
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

  /** Calls that came although Discord had asked to wait: must stay empty. */
  get violations(): readonly JournalCall[] {
    return this.calls.filter((call) => call.duringWait);
  }
}

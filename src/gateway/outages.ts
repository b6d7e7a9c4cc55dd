import type { ChannelAccount, ConnectionState } from '../contracts/channel.js';
import type { Clock } from '../contracts/runtime.js';

export interface OutagesDependencies {
  /** Restarts and brief failures of a network or a platform are over sooner, in ms. */
  readonly longMs: number;
  readonly clock: Clock;
  /** Called once per outage that is long, with the connection's latest state. */
  readonly long: (account: ChannelAccount, state: ConnectionState) => void;
}

interface Outage {
  state: ConnectionState;
  readonly over: AbortController;
}

/** Notices connections that keep trying for long without success. */
export class Outages {
  private readonly current = new Map<string, Outage>();

  constructor(private readonly deps: OutagesDependencies) {}

  changed(account: ChannelAccount, state: ConnectionState): void {
    switch (state.state) {
      case 'backing-off': {
        const outage = this.current.get(account.id);
        if (outage === undefined) this.begin(account, state);
        else outage.state = state;
        return;
      }
      case 'connecting':
        return;
      case 'open':
      case 'stopped':
      case 'needs-pairing':
      case 'blocked':
        this.end(account);
        return;
      default:
        state satisfies never;
    }
  }

  /** Also called when another process has taken the connection over. */
  end({ id }: ChannelAccount): void {
    this.current.get(id)?.over.abort();
    this.current.delete(id);
  }

  private begin(account: ChannelAccount, state: ConnectionState): void {
    const { clock, longMs, long } = this.deps;
    const outage: Outage = { state, over: new AbortController() };
    this.current.set(account.id, outage);
    clock.sleep(longMs, outage.over.signal).then(
      () => long(account, outage.state),
      () => undefined,
    );
  }
}

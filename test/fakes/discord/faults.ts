import type { PlainFault } from '../loopback-server.js';

/** A failure of one call. */
export type Fault =
  | { readonly status: number; readonly code?: number; readonly message?: string }
  /**
   * A 429, after `afterMs`; with `scope: 'blocked'` it comes from the network in front of Discord, without
   * JSON.
   */
  | {
      readonly retryAfter: number;
      readonly afterMs?: number;
      readonly scope?: 'user' | 'shared' | 'global' | 'blocked';
    }
  | PlainFault;

/** Scripted faults by call, e.g. `POST /channels/:id/messages`; each is used once, in order. */
export class Faults {
  private readonly scripted: { readonly method: string; readonly path: RegExp; readonly faults: Fault[] }[] =
    [];

  add(call: string, ...faults: readonly Fault[]): void {
    const [method = '', path = ''] = call.split(' ');
    const pattern = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+');
    this.scripted.push({ method, path: new RegExp(`^${pattern}$`), faults: [...faults] });
  }

  /** How many faults were not used yet. */
  get waiting(): number {
    return this.scripted.reduce((sum, { faults }) => sum + faults.length, 0);
  }

  /** Removes the remaining faults; waits already imposed stay. */
  clear(): void {
    this.scripted.length = 0;
  }

  next(method: string, path: string): Fault | undefined {
    return this.scripted
      .find((entry) => entry.method === method && entry.path.test(path) && entry.faults.length > 0)
      ?.faults.shift();
  }
}

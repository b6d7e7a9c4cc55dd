import type { PlainFault } from '../loopback-server.js';

/** What goes wrong with one call. */
export type Fault =
  { readonly status: number; readonly description?: string; readonly retryAfter?: number } | PlainFault;

export interface Wait {
  readonly method: string;
  readonly chatId: unknown;
  readonly untilMs: number;
}

/** A script of faults by method, each used once, in order. */
export class Faults {
  private readonly scripted = new Map<string, Fault[]>();
  /** Waits that were imposed with 429. */
  readonly waits: Wait[] = [];

  add(method: string, ...faults: readonly Fault[]): void {
    const key = method.toLowerCase();
    this.scripted.set(key, [...(this.scripted.get(key) ?? []), ...faults]);
  }

  /** Faults that wait for their call. */
  get waiting(): number {
    return [...this.scripted.values()].reduce((sum, faults) => sum + faults.length, 0);
  }

  /** Nothing more goes wrong; waits that were imposed stay. */
  clear(): void {
    this.scripted.clear();
  }

  next(method: string): Fault | undefined {
    return this.scripted.get(method.toLowerCase())?.shift();
  }
}

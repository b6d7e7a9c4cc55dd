import type { PlainFault } from '../loopback-server.js';

/** A failure of one call. */
export type Fault =
  { readonly status: number; readonly description?: string; readonly retryAfter?: number } | PlainFault;

export interface Wait {
  readonly method: string;
  readonly chatId: unknown;
  readonly untilMs: number;
}

/** Scripted faults by method; each is used once, in order. */
export class Faults {
  private readonly scripted = new Map<string, Fault[]>();
  /** Waits imposed with a 429. */
  readonly waits: Wait[] = [];

  add(method: string, ...faults: readonly Fault[]): void {
    const key = method.toLowerCase();
    this.scripted.set(key, [...(this.scripted.get(key) ?? []), ...faults]);
  }

  /** How many faults were not used yet. */
  get waiting(): number {
    return [...this.scripted.values()].reduce((sum, faults) => sum + faults.length, 0);
  }

  /** Removes the remaining faults; waits already imposed stay. */
  clear(): void {
    this.scripted.clear();
  }

  next(method: string): Fault | undefined {
    return this.scripted.get(method.toLowerCase())?.shift();
  }
}

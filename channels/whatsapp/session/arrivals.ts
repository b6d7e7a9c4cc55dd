/** A stanza that brings no message of its own is not waited for longer, in ms. */
const LONGEST_HOLD_MS = 2_000;

interface Slot<T> {
  readonly id: string;
  readonly token: string | undefined;
  readonly arrival: number;
  readonly since: number;
  readonly items: T[];
  isFilled: boolean;
}

/**
 * Messages in the order in which the server delivered them. The library works on several at a
 * time and hands them over as they are done, so that of two messages the second may come first.
 */
export class Arrivals<T> {
  private slots: Slot<T>[] = [];
  private timer: NodeJS.Timeout | undefined;
  private last = 0;

  constructor(
    private readonly deps: {
      readonly nowMs: () => number;
      readonly release: (item: T, arrival: number, token: string | undefined) => void;
    },
  ) {}

  /**
   * A stanza came; `token` is handed back with what becomes of it. The number grows with each,
   * also over restarts.
   */
  arrived(id: string, token: string): number {
    const slot = this.open(id, token);
    this.schedule();
    return slot.arrival;
  }

  /** The library made a message of it; one that nobody waits for any more is the newest. */
  came(id: string, item: T): void {
    const slot = this.slots.find((waiting) => waiting.id === id && !waiting.isFilled) ?? this.open(id);
    slot.items.push(item);
    slot.isFilled = true;
    this.release();
  }

  /** Everything that is there, whatever it waits for. */
  close(): void {
    clearTimeout(this.timer);
    for (const slot of this.slots.splice(0)) this.releaseSlot(slot);
  }

  private open(id: string, token?: string): Slot<T> {
    const now = this.deps.nowMs();
    this.last = Math.max(this.last + 1, now);
    const slot: Slot<T> = { id, token, arrival: this.last, since: now, items: [], isFilled: false };
    this.slots.push(slot);
    return slot;
  }

  private release(): void {
    for (;;) {
      const [first] = this.slots;
      if (!first || (!first.isFilled && this.deps.nowMs() - first.since < LONGEST_HOLD_MS)) break;
      this.slots.shift();
      this.releaseSlot(first);
    }
    this.schedule();
  }

  private releaseSlot({ items, arrival, token }: Slot<T>): void {
    for (const item of items) this.deps.release(item, arrival, token);
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.slots.length > 0) this.timer = setTimeout(() => this.release(), LONGEST_HOLD_MS);
  }
}

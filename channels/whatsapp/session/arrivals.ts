/** A message whose decryption is over is not waited for longer, nor a stanza that brings none, in ms. */
const SHORT_HOLD_MS = 2_000;
/** One that is being decrypted may wait for the store, in ms. */
const LONG_HOLD_MS = 60_000;
/** Messages that came after nobody waited for them any more are known by these many. */
const KEPT_LATE = 1_000;

interface Slot<T> {
  readonly id: string;
  readonly chat: string;
  readonly token: string | undefined;
  readonly arrival: number;
  heldUntilMs: number;
  readonly items: T[];
  isFilled: boolean;
}

export interface Stanza {
  readonly id: string;
  /** Messages of different chats do not wait for each other. */
  readonly chat: string;
  /** Handed back with what becomes of it. */
  readonly token: string;
  /** It brings something to decrypt, so something will come of it. */
  readonly isSealed: boolean;
}

/**
 * Messages in the order in which the server delivered them. The library works on several at a
 * time and hands them over as they are done, so that of two messages the second may come first.
 */
export class Arrivals<T> {
  private readonly chats = new Map<string, Slot<T>[]>();
  private readonly late = new Map<string, Slot<T>>();
  private timer: NodeJS.Timeout | undefined;
  private last = 0;

  constructor(
    private readonly deps: {
      readonly nowMs: () => number;
      readonly release: (item: T, arrival: number, token: string | undefined) => void;
    },
  ) {}

  /** A stanza came. The number grows with each, also over restarts. */
  arrived({ id, chat, token, isSealed }: Stanza): number {
    const slot = this.open(id, chat, isSealed ? LONG_HOLD_MS : SHORT_HOLD_MS, token);
    this.schedule();
    return slot.arrival;
  }

  /** Its decryption is over, well or badly: the library hands it over now, or never. */
  decrypted(arrival: number): void {
    const slot = this.slots.find((waiting) => waiting.arrival === arrival);
    if (slot === undefined) return;
    slot.heldUntilMs = this.deps.nowMs() + SHORT_HOLD_MS;
    this.schedule();
  }

  /** The library made a message of it; one that nobody waits for any more goes at once. */
  came(id: string, item: T): void {
    const waiting = this.slots.find((slot) => slot.id === id && !slot.isFilled);
    if (waiting === undefined) {
      const slot = this.late.get(id) ?? this.open(id, `late ${id}`, 0);
      this.late.delete(id);
      this.chats.delete(slot.chat);
      this.deps.release(item, slot.arrival, slot.token);
      return;
    }
    waiting.items.push(item);
    waiting.isFilled = true;
    this.release();
  }

  /** Everything that is there, whatever it waits for. */
  close(): void {
    clearTimeout(this.timer);
    for (const slot of this.slots) this.releaseSlot(slot);
    this.chats.clear();
  }

  private get slots(): readonly Slot<T>[] {
    return [...this.chats.values()].flat();
  }

  private open(id: string, chat: string, holdMs: number, token?: string): Slot<T> {
    const now = this.deps.nowMs();
    this.last = Math.max(this.last + 1, now);
    const slot: Slot<T> = {
      id,
      chat,
      token,
      arrival: this.last,
      heldUntilMs: now + holdMs,
      items: [],
      isFilled: false,
    };
    this.chats.set(chat, [...(this.chats.get(chat) ?? []), slot]);
    return slot;
  }

  private release(): void {
    const now = this.deps.nowMs();
    for (const [chat, slots] of this.chats) {
      const firstHeld = slots.findIndex((slot) => !slot.isFilled && slot.heldUntilMs > now);
      const left = firstHeld < 0 ? [] : slots.slice(firstHeld);
      if (left.length === 0) this.chats.delete(chat);
      else this.chats.set(chat, left);
      for (const slot of slots.slice(0, slots.length - left.length)) this.releaseSlot(slot);
    }
    this.schedule();
  }

  private releaseSlot(slot: Slot<T>): void {
    if (!slot.isFilled) this.keepLate(slot);
    for (const item of slot.items) this.deps.release(item, slot.arrival, slot.token);
  }

  private keepLate(slot: Slot<T>): void {
    this.late.set(slot.id, slot);
    for (const oldest of this.late.keys()) {
      if (this.late.size <= KEPT_LATE) break;
      this.late.delete(oldest);
    }
  }

  private schedule(): void {
    clearTimeout(this.timer);
    const heads = [...this.chats.values()].flatMap(([first]) => first ?? []);
    if (heads.length === 0) return;
    const next = Math.min(...heads.map(({ heldUntilMs }) => heldUntilMs));
    this.timer = setTimeout(() => this.release(), Math.max(0, next - this.deps.nowMs()) + 1);
  }
}

/** A message whose decryption failed, and a stanza that brings none, is waited for so long, in ms. */
const SHORT_HOLD_MS = 2_000;
/**
 * One that is still to be decrypted is given up when nothing at all was decrypted for so long, in
 * ms: a backlog on a slow machine takes its time, and what the library drops never comes.
 */
const STALLED_AFTER_MS = 60_000;
/** Messages that came after nobody waited for them any more are known by these many. */
const KEPT_LATE = 1_000;

/** Where a message stands among those of its chat. */
export interface Place {
  readonly token: string;
  readonly arrival: number;
}

interface Slot<T> extends Place {
  id: string;
  /** Absent as long as its decryption is to come. */
  heldUntilMs: number | undefined;
  /** It came before this connection, and was not delivered again yet. */
  isMissing: boolean;
  readonly isSealed: boolean;
  /** Delivered once more before anything came of it: what the library makes of the first time is nothing. */
  isAgain: boolean;
  /** What came is in the account's state as well: the next connection finds it there. */
  isKept: boolean;
  readonly items: T[];
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

/** A message of an earlier connection that nobody handled yet. */
export interface Earlier<T> extends Place {
  readonly chat: string;
  readonly item: T;
  /** Delivered before it, and not kept when it was. */
  readonly ahead: readonly Place[];
}

/**
 * Messages in the order in which the server delivered them. The library works on several at a
 * time, and a connection may end with only the second of two messages decrypted: then the server
 * still has the first, and the second waits for it.
 */
export class Arrivals<T> {
  private readonly chats = new Map<string, Slot<T>[]>();
  /** What waited when the connection ended: a message read after that still has its place among them. */
  private left: readonly (readonly Slot<T>[])[] = [];
  /** Given up, by arrival. */
  private readonly late = new Map<number, Slot<T>>();
  /** Messages that the library will bring too although they are here already, by id. */
  private readonly known = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private last = 0;
  private progressMs: number;
  private isClosed = false;

  constructor(
    private readonly deps: {
      readonly nowMs: () => number;
      readonly release: (item: T, arrival: number, token: string | undefined) => void;
    },
  ) {
    this.progressMs = deps.nowMs();
  }

  /** Before the connection brings anything: what earlier ones left, oldest first. */
  startWith(earlier: readonly Earlier<T>[]): void {
    const here = new Set(earlier.map(({ token }) => token));
    for (const { chat, item, ahead, ...place } of earlier) {
      for (const missing of ahead) {
        if (here.has(missing.token)) continue;
        here.add(missing.token);
        this.add(chat, { ...missing, isMissing: true });
      }
      const slot = this.add(chat, place);
      slot.items.push(item);
      slot.isKept = true;
    }
    for (const slots of this.chats.values()) slots.sort((a, b) => a.arrival - b.arrival);
    this.release();
  }

  /** The server has delivered again whatever it still had: what is missing now never comes. */
  backlogEnded(): void {
    for (const slot of this.slots) if (slot.isMissing) slot.heldUntilMs = 0;
    this.release();
  }

  /** A stanza came. The number grows with each, also over restarts. */
  arrived({ id, chat, token, isSealed }: Stanza): number {
    // Delivered again before anything came of it: it keeps its place.
    const waiting = this.chats.get(chat)?.find((slot) => slot.items.length === 0 && slot.token === token);
    if (waiting !== undefined) {
      if (waiting.isMissing || isSealed) waiting.heldUntilMs = undefined;
      waiting.isAgain = !waiting.isMissing;
      waiting.isMissing = false;
      waiting.id = id;
      return waiting.arrival;
    }
    this.last = Math.max(this.last + 1, this.deps.nowMs());
    const slot = this.add(chat, { id, token, arrival: this.last, isSealed });
    if (!isSealed) slot.heldUntilMs = this.deps.nowMs() + SHORT_HOLD_MS;
    this.schedule();
    return this.last;
  }

  /** What the server delivered before it in its chat, and is not here yet. */
  aheadOf(arrival: number): readonly Place[] {
    const waiting = [...this.chats.values(), ...this.left];
    const slots = waiting.find((all) => all.some((slot) => slot.arrival === arrival)) ?? [];
    return slots.flatMap(({ token, arrival: at, items, isSealed }) =>
      at < arrival && isSealed && items.length === 0 ? [{ token, arrival: at }] : [],
    );
  }

  /** Its message is in the account's state: nothing else need be waited for. */
  kept(arrival: number, id: string, item: T): void {
    this.known.set(id, (this.known.get(id) ?? 0) + 1);
    forgetOldest(this.known);
    // The next connection gets it from the account's state.
    if (this.isClosed) return;
    this.progressMs = this.deps.nowMs();
    const slot = this.slotOf(arrival);
    if (slot === undefined) {
      const late = this.late.get(arrival);
      // Of a message that was delivered twice the first reading was enough.
      if (late !== undefined) this.releaseLate(late, item);
      return;
    }
    slot.isKept = true;
    this.fill(slot, item);
  }

  /** Its decryption is over, well or badly: the library hands over what it makes of it, or nothing. */
  decrypted(arrival: number): void {
    this.progressMs = this.deps.nowMs();
    const slot = this.slotOf(arrival);
    if (slot === undefined || slot.items.length > 0) return;
    slot.heldUntilMs = this.deps.nowMs() + SHORT_HOLD_MS;
    this.schedule();
  }

  /**
   * The library made a message of it, or one that says only that it could not be read; one that nobody
   * waits for any more goes at once.
   */
  came(id: string, item: T, isUnreadable = false): void {
    const times = this.known.get(id) ?? 0;
    if (times > 0) {
      if (times === 1) this.known.delete(id);
      else this.known.set(id, times - 1);
      return;
    }
    const waiting = this.slots.find((slot) => slot.id === id && slot.items.length === 0);
    if (waiting?.isAgain === true && isUnreadable) return;
    if (waiting !== undefined) this.fill(waiting, item);
    else
      this.releaseLate(
        [...this.late.values()].find((slot) => slot.id === id),
        item,
      );
  }

  /**
   * The connection is over. What waits for one that is still with the server is left to the next
   * connection, which finds it in the account's state.
   */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    for (const slots of this.chats.values()) {
      const firstMissing = slots.findIndex((slot) => slot.items.length === 0 && slot.isSealed);
      for (const [index, slot] of slots.entries()) {
        if (firstMissing < 0 || index < firstMissing || !slot.isKept) this.releaseSlot(slot);
      }
    }
    this.left = [...this.chats.values()];
    this.chats.clear();
  }

  private get slots(): readonly Slot<T>[] {
    return [...this.chats.values()].flat();
  }

  private slotOf(arrival: number): Slot<T> | undefined {
    return this.slots.find((slot) => slot.arrival === arrival);
  }

  private add(
    chat: string,
    {
      id = '',
      isMissing = false,
      isSealed = true,
      ...place
    }: Partial<Pick<Slot<T>, 'id' | 'isMissing' | 'isSealed'>> & Place,
  ): Slot<T> {
    const slot: Slot<T> = {
      ...place,
      id,
      isMissing,
      isSealed,
      isAgain: false,
      heldUntilMs: undefined,
      isKept: false,
      items: [],
    };
    this.chats.set(chat, [...(this.chats.get(chat) ?? []), slot]);
    return slot;
  }

  private fill(slot: Slot<T>, item: T): void {
    slot.items.push(item);
    this.release();
  }

  private heldUntilMs({ heldUntilMs }: Slot<T>): number {
    return heldUntilMs ?? this.progressMs + STALLED_AFTER_MS;
  }

  private releaseLate(slot: Slot<T> | undefined, item: T): void {
    if (slot !== undefined) this.late.delete(slot.arrival);
    this.last = Math.max(this.last + 1, this.deps.nowMs());
    this.deps.release(item, slot?.arrival ?? this.last, slot?.token);
  }

  private release(): void {
    const now = this.deps.nowMs();
    for (const [chat, slots] of this.chats) {
      const firstHeld = slots.findIndex((slot) => slot.items.length === 0 && this.heldUntilMs(slot) > now);
      const left = firstHeld < 0 ? [] : slots.slice(firstHeld);
      if (left.length === 0) this.chats.delete(chat);
      else this.chats.set(chat, left);
      for (const slot of slots.slice(0, slots.length - left.length)) this.releaseSlot(slot);
    }
    this.schedule();
  }

  private releaseSlot(slot: Slot<T>): void {
    if (slot.items.length === 0) {
      this.late.set(slot.arrival, slot);
      forgetOldest(this.late);
    }
    for (const item of slot.items) this.deps.release(item, slot.arrival, slot.token);
  }

  private schedule(): void {
    clearTimeout(this.timer);
    const heads = [...this.chats.values()].flatMap(([first]) => first ?? []);
    if (heads.length === 0) return;
    const next = Math.min(...heads.map((slot) => this.heldUntilMs(slot)));
    this.timer = setTimeout(() => this.release(), Math.max(0, next - this.deps.nowMs()) + 1);
  }
}

function forgetOldest<Key>(cache: Map<Key, unknown>): void {
  for (const oldest of cache.keys()) {
    if (cache.size <= KEPT_LATE) return;
    cache.delete(oldest);
  }
}

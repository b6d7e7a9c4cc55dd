/**
 * How long to wait for the library to pass on a message that failed to decrypt or a stanza with nothing to
 * decrypt, in ms.
 */
const SHORT_HOLD_MS = 2_000;
/**
 * A message still to be decrypted is given up if nothing at all was decrypted for this long, in ms: a backlog
 * on a slow machine takes time, but what the library drops never comes.
 */
const STALLED_AFTER_MS = 60_000;
/** How many messages are remembered that may still arrive late or a second time. */
const KEPT_LATE = 1_000;

/** The position of a message within its chat. */
export interface Place {
  readonly token: string;
  readonly arrival: number;
}

interface Slot<T> extends Place {
  id: string;
  /** `undefined` while its decryption is pending. */
  heldUntilMs: number | undefined;
  /** Known from an earlier connection and not delivered again yet. */
  isMissing: boolean;
  readonly isSealed: boolean;
  /**
   * Delivered again before the first delivery produced a message; an unreadable result of the first is
   * ignored.
   */
  isAgain: boolean;
  /** Also stored in the account's state, so the next connection finds it there. */
  isKept: boolean;
  readonly items: T[];
}

export interface Stanza {
  readonly id: string;
  /** Messages in different chats do not wait for each other. */
  readonly chat: string;
  /** Returned together with the message. */
  readonly token: string;
  /** Contains something to decrypt, so a result will follow. */
  readonly isSealed: boolean;
}

/** A message from an earlier connection that was not handled yet. */
export interface Earlier<T> extends Place {
  readonly chat: string;
  readonly item: T;
  /** Delivered before it, but not stored at that time. */
  readonly ahead: readonly Place[];
}

/**
 * Releases messages in the order in which the server delivered them. The library works on several at a time,
 * and a connection may end with only the second of two messages decrypted: then the server still has the
 * first, and the second waits for it.
 */
export class Arrivals<T> {
  private readonly chats = new Map<string, Slot<T>[]>();
  /**
   * What was waiting when the connection ended: a message decrypted after that still needs to know what is
   * ahead of it.
   */
  private left: readonly (readonly Slot<T>[])[] = [];
  /** Slots that were given up, by arrival. */
  private readonly late = new Map<number, Slot<T>>();
  /** Messages already received that the library will deliver as well, by id. */
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

  /** Adds what earlier connections left, oldest first. Called before this connection delivers anything. */
  startWith(earlier: readonly Earlier<T>[]): void {
    const tokens = new Set(earlier.map(({ token }) => token));
    for (const { chat, item, ahead, ...place } of earlier) {
      for (const missing of ahead) {
        if (tokens.has(missing.token)) continue;
        tokens.add(missing.token);
        this.add(chat, { ...missing, isMissing: true });
      }
      const slot = this.add(chat, place);
      slot.items.push(item);
      slot.isKept = true;
    }
    for (const slots of this.chats.values()) slots.sort((a, b) => a.arrival - b.arrival);
    this.release();
  }

  /** The server has delivered everything it still had, so what is missing now will never come. */
  backlogEnded(): void {
    for (const slot of this.slots) if (slot.isMissing) slot.heldUntilMs = 0;
    this.release();
  }

  /** Registers a stanza. Returns its number, which keeps growing across restarts. */
  arrived({ id, chat, token, isSealed }: Stanza): number {
    // Delivered again before the first delivery produced a message: it keeps its place.
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

  /** What the server delivered before it in its chat and has not arrived here yet. */
  aheadOf(arrival: number): readonly Place[] {
    const waiting = [...this.chats.values(), ...this.left];
    const slots = waiting.find((all) => all.some((slot) => slot.arrival === arrival)) ?? [];
    return slots.flatMap(({ token, arrival: at, items, isSealed }) =>
      at < arrival && isSealed && items.length === 0 ? [{ token, arrival: at }] : [],
    );
  }

  /** The message is in the account's state, so there is no need to wait for the library. */
  kept(arrival: number, id: string, item: T): void {
    this.known.set(id, (this.known.get(id) ?? 0) + 1);
    forgetOldest(this.known);
    // The next connection reads it from the account's state.
    if (this.isClosed) return;
    this.progressMs = this.deps.nowMs();
    const slot = this.slotOf(arrival);
    if (slot === undefined) {
      const late = this.late.get(arrival);
      // If it is not there, the message was delivered twice and the first copy was enough.
      if (late !== undefined) this.releaseLate(late, item);
      return;
    }
    slot.isKept = true;
    this.fill(slot, item);
  }

  /** Decryption has ended, successfully or not; the library may now pass on a message or nothing. */
  decrypted(arrival: number): void {
    this.progressMs = this.deps.nowMs();
    const slot = this.slotOf(arrival);
    if (slot === undefined || slot.items.length > 0) return;
    slot.heldUntilMs = this.deps.nowMs() + SHORT_HOLD_MS;
    this.schedule();
  }

  /**
   * The library passed on a message, or one saying only that it could not be read. Released immediately if
   * nobody is waiting for it any more.
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
   * Ends the connection. Stored messages behind one that the server still has are left in the account's state
   * for the next connection.
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
    const waiting = this.chats.get(chat);
    if (waiting === undefined) this.chats.set(chat, [slot]);
    else waiting.push(slot);
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
      const held = firstHeld < 0 ? [] : slots.slice(firstHeld);
      if (held.length === 0) this.chats.delete(chat);
      else this.chats.set(chat, held);
      for (const slot of slots.slice(0, slots.length - held.length)) this.releaseSlot(slot);
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

import { LRUCache } from 'lru-cache';
import type { Contact, Conversation, Recalled } from '../contracts/stores.js';
import type { Turn } from '../contracts/turn.js';
import { conversationOf, type ConversationRow } from './models/conversations.js';

/** Approximate limit for all remembered conversations of a process, in bytes. */
const MOST_BYTES = 32 * 1024 * 1024;
const MOST_PEOPLE = 20_000;
const BYTES_OF_CONVERSATION = 2_000;
const BYTES_OF_TURN = 1_500;
/** How many of a conversation's newest turns are kept. */
const MOST_TURNS = 12;

interface Memory {
  readonly conversation: Conversation;
  /** Version of the row; everything remembered was read at this version or later. */
  readonly version: number;
  /** Stays the same as long as nobody else changes the row. */
  readonly lineage: number;
  /** The person who writes here, if there is only one. */
  readonly sender?: { readonly key: string; readonly contact: Contact };
  /** The newest turns, oldest first. */
  readonly turns?: { readonly list: readonly Turn[]; readonly isAll: boolean };
}

/** Shared by all tenants of a process. */
export interface MemoryBudget {
  readonly conversations: LRUCache<string, Memory>;
  /** Conversations of each person that are remembered. */
  readonly places: LRUCache<string, readonly string[]>;
  lineages: number;
}

export function createMemoryBudget(): MemoryBudget {
  return {
    conversations: new LRUCache({ maxSize: MOST_BYTES, sizeCalculation: bytesOf }),
    places: new LRUCache({ max: MOST_PEOPLE }),
    lineages: 0,
  };
}

/**
 * What this process knows about a tenant's conversations, so that a message need not read again what the
 * previous one read. Every change to a conversation, its person or its messages increments the version of its
 * row. Code that used remembered values only writes over the version this process knows, and so notices if
 * another process was faster.
 */
export class ConversationMemory {
  constructor(
    private readonly budget: MemoryBudget,
    /** Name of the tenant's database; a database that replaces it shares nothing with it. */
    private readonly database: string,
  ) {}

  /** A row was read: discards what was remembered of an older version. */
  saw(row: ConversationRow): Conversation {
    return this.take(row, false);
  }

  /** This process changed the row to this state. */
  changed(row: ConversationRow): Conversation {
    return this.take(row, true);
  }

  /** This process incremented this version and made only the changes a new message makes. */
  settled(id: string, version: number, change: (before: Conversation) => Conversation): void {
    const entry = this.get(id);
    if (entry?.version !== version) return;
    const conversation = change(entry.conversation);
    this.set({ ...entry, conversation, version: version + 1 });
  }

  /** `undefined` if nothing is known or, with `lineage`, if what is known has another lineage. */
  versionOf(id: string, lineage?: number): number | undefined {
    const entry = this.get(id);
    return lineage === undefined || entry?.lineage === lineage ? entry?.version : undefined;
  }

  recall(id: string, senderKey: string): Recalled | undefined {
    const entry = this.get(id);
    if (entry?.sender?.key !== senderKey) return undefined;
    const { conversation, sender, lineage } = entry;
    return { conversation, contact: sender.contact, lineage };
  }

  /** The contact must have been read after the conversation, so that no later change to it is missed. */
  remember(conversation: Conversation, senderKey: string, contact: Contact): void {
    const { id } = conversation;
    const entry = this.get(id);
    if (entry?.conversation !== conversation) return;
    this.set({ ...entry, sender: { key: senderKey, contact } });
    const person = this.keyOf(contact.id);
    const places = this.budget.places.get(person) ?? [];
    if (!places.includes(id)) this.budget.places.set(person, [...places, id]);
  }

  /** This process changed the person and incremented the version of all their conversations. */
  personChanged(contact: Contact): void {
    for (const id of this.placesOf(contact)) {
      const entry = this.get(id);
      if (entry === undefined) continue;
      const { sender, ...rest } = entry;
      const now = sender === undefined ? {} : { sender: { ...sender, contact } };
      this.set({ ...rest, ...now, version: entry.version + 1 });
    }
  }

  /** The newest turns, calling `read` unless they are remembered. */
  async turns(id: string, limit: number, read: () => Promise<readonly Turn[]>): Promise<readonly Turn[]> {
    const before = this.get(id);
    const { turns } = before ?? {};
    if (turns !== undefined && (turns.isAll || turns.list.length >= limit)) return turns.list.slice(-limit);
    const list = await read();
    // Remembered only if nothing changed meanwhile; otherwise the list might be missing something.
    if (before !== undefined && this.get(id) === before) {
      this.set({ ...before, turns: { list, isAll: list.length < limit } });
    }
    return list;
  }

  /** This process stored a turn, or a newer state of one. */
  noteTurn(turn: Turn): void {
    const entry = this.get(turn.conversationId);
    if (entry === undefined) return;
    const { turns, ...rest } = entry;
    if (turns === undefined) {
      this.set(rest);
      return;
    }
    const all = [...turns.list.filter(({ id }) => id !== turn.id), turn];
    const list = all.slice(-MOST_TURNS);
    this.set({ ...rest, turns: { list, isAll: turns.isAll && list.length === all.length } });
  }

  forget(id: string): void {
    this.budget.conversations.delete(this.keyOf(id));
  }

  forgetPerson(contact: Contact): void {
    for (const id of this.placesOf(contact)) this.forget(id);
  }

  private take(row: ConversationRow, isOurChange: boolean): Conversation {
    const conversation = conversationOf(row);
    const version = row.version ?? 0;
    const entry = this.get(row._id);
    if (isOurChange && entry?.version === version - 1) this.set({ ...entry, conversation, version });
    else if (entry === undefined || entry.version < version) {
      this.budget.lineages += 1;
      this.set({ conversation, version, lineage: this.budget.lineages });
    } else if (entry.version === version) return entry.conversation;
    return conversation;
  }

  private placesOf(contact: Contact): readonly string[] {
    return [contact.id, ...contact.formerIds].flatMap((id) => this.budget.places.get(this.keyOf(id)) ?? []);
  }

  private get(id: string): Memory | undefined {
    return this.budget.conversations.get(this.keyOf(id));
  }

  private set(memory: Memory): void {
    this.budget.conversations.set(this.keyOf(memory.conversation.id), memory);
  }

  private keyOf(id: string): string {
    return `${this.database}/${id}`;
  }
}

/** An estimate: JavaScript strings take up to two bytes per character. */
function bytesOf({ turns }: Memory): number {
  const turnBytes = (turns?.list ?? []).reduce(
    (total, { input, answer }) => total + BYTES_OF_TURN + 2 * input.length + 4 * answer.text.length,
    0,
  );
  return BYTES_OF_CONVERSATION + turnBytes;
}

import { z } from 'zod';
import type { AccountState, Reception } from '../../src/contracts/channel.js';

const PREFIX = 'moved/';

/** Telegram reports a move twice: once in the old chat and once in the new one. */
const moveSchema = z.object({
  message: z.object({
    chat: z.object({ id: z.int() }),
    migrate_to_chat_id: z.int().nullish(),
    migrate_from_chat_id: z.int().nullish(),
  }),
});

interface Move {
  readonly from: string;
  readonly to: string;
}

/**
 * Groups that became supergroups have a new id. Their conversations keep the original id, so that they
 * continue as if nothing had happened.
 */
export class MovedChats {
  private readonly current = new Map<string, string>();
  private readonly first = new Map<string, string>();
  private keep: ((move: Move) => void) | undefined;

  moved(from: string, to: string): void {
    const isNew = this.current.get(from) !== to;
    this.current.set(from, to);
    this.first.set(to, from);
    if (isNew) this.keep?.({ from, to });
  }

  /** Until `signal` aborts, stores what this process learns for later processes. */
  keepIn(state: AccountState, signal: AbortSignal, failed: (error: unknown) => void): void {
    const keep = (move: Move): void => void write(move, state).catch(failed);
    this.keep = keep;
    signal.addEventListener(
      'abort',
      () => {
        if (this.keep === keep) this.keep = undefined;
      },
      { once: true },
    );
  }

  /** The id to which messages for a chat are sent now. */
  currentOf(chatId: string): string {
    return this.current.get(chatId) ?? chatId;
  }

  /** Replaces the id of a moved chat with the one its conversation has. */
  withFirstId(reception: Reception): Reception {
    if (reception.type !== 'event') return reception;
    const { event } = reception;
    const chatId = this.first.get(event.chat.chatId);
    return chatId === undefined
      ? reception
      : { ...reception, event: { ...event, chat: { ...event.chat, chatId } } };
  }

  /** Loads what earlier processes learned. */
  async load(state: AccountState): Promise<void> {
    const records = await state.read(await state.keys(PREFIX));
    for (const [key, bytes] of records) this.moved(Buffer.from(bytes).toString(), key.slice(PREFIX.length));
  }

  /** Stores the moves reported by these updates before the updates are confirmed. */
  async learn(updates: readonly unknown[], state: AccountState): Promise<void> {
    for (const update of updates) {
      const move = this.note(update);
      if (move !== undefined) await write(move, state);
    }
  }

  /**
   * Remembers the move reported by an update, and stores it only while `keepIn` is active. `undefined`: the
   * update is about something else.
   */
  note(update: unknown): Move | undefined {
    const message = moveSchema.safeParse(update).data?.message;
    const { chat, migrate_to_chat_id: to, migrate_from_chat_id: from } = message ?? {};
    if (chat === undefined || (!to && !from)) return undefined;
    const move = { from: String(from ?? chat.id), to: String(to ?? chat.id) };
    this.moved(move.from, move.to);
    return move;
  }
}

function write({ from, to }: Move, state: AccountState): Promise<void> {
  return state.write(new Map([[PREFIX + to, Buffer.from(from)]]));
}

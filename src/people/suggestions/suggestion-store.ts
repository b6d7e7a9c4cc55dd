import type { StatedFact } from '../../contracts/contact-suggestions.js';
import {
  defineRoomStore,
  defineRoomTable,
  StoreError,
  type Page,
  type PageRequest,
} from '../../contracts/stores.js';

export interface StoredSuggestion {
  readonly id: string;
  readonly type: 'fact' | 'merge';
  readonly contactId: string;
  readonly field: StatedFact;
  /** Set for a fact. */
  readonly value?: string;
  /** Set for a merge. */
  readonly otherId?: string;
  /** `accepting`: staff accepted it, and it is being carried out; a repeated acceptance continues. */
  readonly status: 'open' | 'accepting' | 'accepted' | 'declined';
  readonly createdAt: Date;
}

/** After a crash, one that is being carried out is offered again. */
export const UNDECIDED = ['open', 'accepting'] as const;

type Row = Omit<StoredSuggestion, 'id'> & { readonly _id: string };

const table = defineRoomTable<Row>('contact_suggestions', [{ keys: { status: 1, createdAt: -1 } }]);

export interface SuggestionStore {
  /** `false`: it exists already, open or decided. */
  insert(suggestion: StoredSuggestion): Promise<boolean>;
  get(id: string): Promise<StoredSuggestion | undefined>;
  /** `undefined`: it no longer has one of these statuses, or does not exist. */
  move(
    id: string,
    from: readonly StoredSuggestion['status'][],
    status: StoredSuggestion['status'],
  ): Promise<StoredSuggestion | undefined>;
  /** Removes one that was accepted but cannot be carried out, so that it may be made again. */
  withdraw(id: string): Promise<void>;
  /** Newest first. */
  open(type: StoredSuggestion['type'] | undefined, page: PageRequest): Promise<Page<StoredSuggestion>>;
}

export const suggestionStore = defineRoomStore<SuggestionStore>({
  tables: [table],
  async erase({ rows }, { contactIds }) {
    const ids = { $in: [...contactIds] };
    await rows(table).deleteMany({ $or: [{ contactId: ids }, { otherId: ids }] });
  },
  open({ rows }) {
    return {
      async insert({ id, ...rest }) {
        const before = await rows(table).findOneAndUpdate(
          { _id: id },
          { $setOnInsert: rest },
          { upsert: true, returnDocument: 'before' },
        );
        return before === null;
      },
      async get(id) {
        const row = await rows(table).findOne({ _id: String(id) });
        return row === null ? undefined : suggestionOf(row);
      },
      async move(id, from, status) {
        const row = await rows(table).findOneAndUpdate(
          { _id: String(id), status: { $in: [...from] } },
          { $set: { status } },
          { returnDocument: 'after' },
        );
        return row === null ? undefined : suggestionOf(row);
      },
      async withdraw(id) {
        await rows(table).deleteOne({ _id: String(id), status: 'accepting' });
      },
      async open(type, { limit, cursor }) {
        const after = cursor === undefined ? undefined : await rows(table).findOne({ _id: String(cursor) });
        if (after === null) throw new StoreError('invalid-cursor', 'the cursor names no suggestion');
        const records = await rows(table)
          .find({
            status: { $in: [...UNDECIDED] },
            ...(type === undefined ? {} : { type }),
            ...(after === undefined
              ? {}
              : {
                  $or: [
                    { createdAt: { $lt: after.createdAt } },
                    { createdAt: after.createdAt, _id: { $lt: after._id } },
                  ],
                }),
          })
          .sort({ createdAt: -1, _id: -1 })
          .limit(limit + 1)
          .toArray();
        const items = records.slice(0, limit).map(suggestionOf);
        const last = items.at(-1);
        return records.length > limit && last !== undefined ? { items, nextCursor: last.id } : { items };
      },
    };
  },
});

function suggestionOf({ _id: id, ...rest }: Row): StoredSuggestion {
  return { id, ...rest };
}

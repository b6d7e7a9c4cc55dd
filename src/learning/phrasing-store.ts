import type { PhrasingProposal } from '../contracts/phrasings.js';
import { defineRoomStore, defineRoomTable } from '../contracts/stores.js';
import { derivedId } from '../lib/ids/make-id.js';

type ProposalRow = Omit<PhrasingProposal, 'id'> & { readonly _id: string };

const table = defineRoomTable<ProposalRow>('phrasing_proposals', [{ keys: { status: 1, askedAt: -1 } }]);
/** Nobody would look through more open proposals than this. */
const MOST_OPEN = 200;
const MOST_PEOPLE = 1000;

export interface PhrasingStore {
  /** One proposal per wording; a decision is final. */
  note(candidate: {
    readonly entryId: string;
    readonly wording: string;
    readonly contactId: string;
    readonly at: Date;
  }): Promise<void>;
  /** Newest first. */
  open(): Promise<readonly PhrasingProposal[]>;
  /** `undefined`: there is no open proposal with this id. */
  decide(id: string, status: PhrasingProposal['status']): Promise<PhrasingProposal | undefined>;
}

export const phrasingStore = defineRoomStore<PhrasingStore>({
  tables: [table],
  open({ rows }) {
    return {
      async note({ entryId, wording, contactId, at }) {
        const _id = derivedId('phrasing', entryId, wordsOf(wording));
        const first = { entryId, wording, status: 'open' as const, askedAt: at, people: [contactId] };
        await rows(table).updateOne({ _id }, { $setOnInsert: first }, { upsert: true });
        // Filters on the contact, so that one who asks twice at the same moment is counted once.
        await rows(table).updateOne(
          { _id, people: { $ne: contactId } },
          { $set: { askedAt: at }, $push: { people: { $each: [contactId], $slice: -MOST_PEOPLE } } },
        );
      },
      async open() {
        const records = await rows(table)
          .find({ status: 'open' })
          .sort({ askedAt: -1 })
          .limit(MOST_OPEN)
          .toArray();
        return records.map(proposalOf);
      },
      async decide(id, status) {
        const row = await rows(table).findOneAndUpdate(
          { _id: String(id), status: 'open' },
          { $set: { status } },
          { returnDocument: 'after' },
        );
        return row === null ? undefined : proposalOf(row);
      },
    };
  },
  async erase({ rows }, { contactIds }) {
    const erased = { $in: [...contactIds] };
    await rows(table).updateMany({ people: erased }, { $pull: { people: erased } });
    await rows(table).deleteMany({ people: { $size: 0 } });
  },
});

/** The words of a text without case and punctuation, for comparing wordings. */
export function wordsOf(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
}

function proposalOf({ _id: id, ...rest }: ProposalRow): PhrasingProposal {
  return { id, ...rest };
}

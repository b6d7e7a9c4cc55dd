import type { Clock } from '../../contracts/runtime.js';
import { StoreError } from '../../contracts/stores.js';
import { checkedText } from '../checked-value.js';
import type { Rows } from '../database.js';
import type { ContactRow } from '../models/contacts.js';
import { optional } from '../optional.js';
import { piecesOf } from './contact-search.js';
import { joined } from './joined-contacts.js';

/** Contacts that turned out to be the same person: which row an id refers to, and how two are merged. */
export class MergedContacts {
  constructor(
    private readonly rowsNow: () => Rows<ContactRow>,
    private readonly clock: Clock,
  ) {}

  /**
   * The complete row an id refers to; for a merged contact, that of the contact it was merged into. `path`:
   * ids already followed.
   */
  async row(id: string, path: readonly string[] = []): Promise<ContactRow | undefined> {
    const row = await this.rows.findOne({ _id: checkedText(id) });
    if (row === null || row.erasedAt !== undefined) return undefined;
    if (row.mergedInto === undefined) return row;
    if (path.includes(row._id)) {
      await this.untie(path.slice(path.indexOf(row._id)));
      return this.row(id);
    }
    return row.bringing === undefined
      ? this.row(row.mergedInto, [...path, row._id])
      : this.bring(row._id, path);
  }

  /** From then on both ids refer to the first contact. `undefined`: one of them does not exist. */
  async merge(id: string, otherId: string): Promise<ContactRow | undefined> {
    for (;;) {
      const [into, other] = await Promise.all([this.row(id), this.row(otherId)]);
      if (into === undefined || other === undefined) return undefined;
      if (into._id === other._id) return into;
      // A single step: from here on the other id is only an alias, and the facts it brings cannot be lost.
      const { matchedCount } = await this.rows.updateOne(unchanged(other), {
        $set: { mergedInto: into._id, bringing: whatItBrings(other), identities: [] },
        $unset: { identityKeys: 1, phone: 1, email: 1, pieces: 1 },
      });
      if (matchedCount === 1) return this.bring(other._id);
      // It was changed or merged concurrently: try again with its current state.
    }
  }

  /**
   * Transfers the facts of a merged contact to the one it was merged into; repeating it changes nothing.
   * `undefined`: the contact was erased in the meantime.
   */
  async bring(otherId: string, path: readonly string[] = []): Promise<ContactRow | undefined> {
    for (;;) {
      const other = await this.rows.findOne({ _id: otherId });
      if (other === null || other.erasedAt !== undefined) return undefined;
      if (other.mergedInto === undefined) return other;
      const into = await this.row(other.mergedInto, [...path, otherId]);
      if (into?._id === otherId) return into;
      if (into === undefined) {
        // The target was erased before the merge was complete.
        await this.standAlone(other);
        continue;
      }
      if (other.bringing === undefined) return into;
      const after = await this.rows.findOneAndUpdate(
        unchanged(into),
        { $set: joined(into, other._id, other.bringing, this.clock.now()) },
        { returnDocument: 'after' },
      );
      if (after === null) continue;
      const { matchedCount } = await this.rows.updateOne({ _id: other._id }, { $unset: { bringing: 1 } });
      if (matchedCount === 1) return after;
    }
  }

  /** Resolves a cycle of concurrent merges; every process picks the same contact to stay. */
  private async untie(ids: readonly string[]): Promise<void> {
    const [stays = ''] = ids.toSorted();
    const row = await this.rows.findOne({ _id: stays });
    if (row?.mergedInto !== undefined) await this.standAlone(row);
  }

  private async standAlone({ _id, mergedInto, bringing }: ContactRow): Promise<void> {
    if (bringing === undefined) throw new StoreError('corrupt', 'a merged contact leads nowhere');
    const { identityKeys, ...facts } = bringing;
    await this.rows.updateOne(
      { _id, mergedInto: mergedInto ?? '', bringing: { $exists: true } },
      {
        $set: {
          ...facts,
          ...(identityKeys.length === 0 ? {} : { identityKeys }),
          pieces: piecesOf({ _id, ...facts }),
        },
        $unset: { mergedInto: 1, bringing: 1 },
      },
    );
  }

  private get rows(): Rows<ContactRow> {
    return this.rowsNow();
  }
}

function whatItBrings(row: ContactRow): NonNullable<ContactRow['bringing']> {
  const { name, phone, email, locale, tags, fields, identities, identityKeys = [], isStaff } = row;
  return {
    ...optional('name', name),
    ...optional('phone', phone),
    ...optional('email', email),
    ...optional('locale', locale),
    ...optional('tags', tags),
    ...optional('fields', fields),
    ...optional('optedOut', row.optedOut),
    ...optional('isUntold', row.isUntold),
    ...optional('formerIds', row.formerIds),
    identities,
    identityKeys,
    isStaff,
  };
}

/** Matches the row only if it has not been changed, merged or erased since. */
function unchanged({ _id, updatedAt, formerIds, tags, name, phone, email }: ContactRow) {
  return {
    _id,
    mergedInto: { $exists: false },
    erasedAt: { $exists: false },
    ...present({ updatedAt, formerIds, tags, name, phone, email }),
  };
}

function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value ?? { $exists: false }]),
  );
}

import type { Clock } from '../../contracts/runtime.js';
import { StoreError } from '../../contracts/stores.js';
import { checkedText } from '../checked-value.js';
import type { Rows } from '../database.js';
import type { ContactRow } from '../models/contacts.js';
import { optional } from '../optional.js';
import { piecesOf } from './contact-search.js';
import { joined } from './joined-contacts.js';

/** Contacts that turned out to be one person: which row an id means, and how two become one. */
export class MergedContacts {
  constructor(
    private readonly rowsNow: () => Rows<ContactRow>,
    private readonly clock: Clock,
  ) {}

  /** The row an id means: of a merged contact that of the other one, complete. `path`: how it was come to. */
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

  /** Both ids mean the first one from then on. `undefined`: one of them is nobody. */
  async merge(id: string, otherId: string): Promise<ContactRow | undefined> {
    for (;;) {
      const [into, other] = await Promise.all([this.row(id), this.row(otherId)]);
      if (into === undefined || other === undefined) return undefined;
      if (into._id === other._id) return into;
      // One step: from here on the other id is only a name, and what it brings cannot be lost.
      const { matchedCount } = await this.rows.updateOne(unchanged(other), {
        $set: { mergedInto: into._id, bringing: whatItBrings(other), identities: [] },
        $unset: { identityKeys: 1, phone: 1, email: 1, pieces: 1 },
      });
      if (matchedCount === 1) return this.bring(other._id);
      // Somebody changed or merged it at the same moment: once more, from what it is now.
    }
  }

  /**
   * Gives what a merged contact has to the one it is now; repeating it changes nothing. `undefined`: they
   * were erased meanwhile.
   */
  async bring(otherId: string, path: readonly string[] = []): Promise<ContactRow | undefined> {
    for (;;) {
      const other = await this.rows.findOne({ _id: otherId });
      if (other === null || other.erasedAt !== undefined) return undefined;
      if (other.mergedInto === undefined) return other;
      const into = await this.row(other.mergedInto, [...path, otherId]);
      if (into?._id === otherId) return into;
      if (into === undefined) {
        // The one it was to become was erased before it was.
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

  /** Each was merged into the next one at the same moment: whoever looks makes the same one stay. */
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

/** The row, as long as nobody changed, merged or erased it since. */
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

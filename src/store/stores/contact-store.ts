import type { MakeId } from '../../contracts/runtime.js';
import type { Contact, ContactStore } from '../../contracts/stores.js';
import { checkedDate, checkedText } from '../checked-value.js';
import type { Database } from '../database.js';
import { isDuplicateKey } from '../guard.js';
import { contactOf, contactTable, identityKeyOf, type ContactRow } from '../models/contacts.js';
import { optional } from '../optional.js';

const MOST_STAFF = 500;

export class MongoContactStore implements ContactStore {
  constructor(
    private readonly database: Database,
    private readonly makeId: MakeId,
  ) {}

  async ensure(identity: Parameters<ContactStore['ensure']>[0]): Promise<Contact> {
    const key = identityKeyOf(identity);
    const known = await this.findByIdentity(key);
    if (known !== undefined) return known;
    const { channel, accountId, userId } = identity;
    const row: ContactRow = {
      _id: this.makeId('contact'),
      ...optional('name', identity.name),
      identities: [{ channel, accountId, userId }],
      identityKeys: [key],
      isStaff: false,
      createdAt: checkedDate(identity.at),
    };
    try {
      await this.database.rows(contactTable).insertOne(row);
      return contactOf(row);
    } catch (error) {
      const winner = isDuplicateKey(error) ? await this.findByIdentity(key) : undefined;
      if (winner === undefined) throw error;
      return winner;
    }
  }

  async get(id: string): Promise<Contact | undefined> {
    const row = await this.database.rows(contactTable).findOne({ _id: checkedText(id) });
    return row === null ? undefined : contactOf(row);
  }

  async staff(
    named: readonly { readonly channel: string; readonly user_id: string }[],
  ): Promise<readonly Contact[]> {
    const identities = named.map(({ channel, user_id: userId }) => ({
      identities: { $elemMatch: { channel: checkedText(channel), userId: checkedText(userId) } },
    }));
    const rows = await this.database
      .rows(contactTable)
      .find({ $or: [{ isStaff: true }, ...identities] })
      .limit(MOST_STAFF)
      .toArray();
    return rows.map(contactOf);
  }

  async update(id: string, change: Parameters<ContactStore['update']>[1]): Promise<Contact | undefined> {
    const fields = {
      ...optional('name', change.name),
      ...optional('locale', change.locale),
      ...optional('isStaff', change.isStaff),
    };
    if (Object.keys(fields).length === 0) return this.get(id);
    const row = await this.database
      .model(contactTable)
      .findOneAndUpdate({ _id: checkedText(id) }, { $set: fields }, { returnDocument: 'after' })
      .lean<ContactRow>()
      .exec();
    return row === null ? undefined : contactOf(row);
  }

  private async findByIdentity(key: string): Promise<Contact | undefined> {
    const row = await this.database.rows(contactTable).findOne({ identityKeys: key });
    return row === null ? undefined : contactOf(row);
  }
}

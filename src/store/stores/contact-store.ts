import type { Clock, MakeId } from '../../contracts/runtime.js';
import type {
  Contact,
  ContactChange,
  ContactFilter,
  ContactIdentity,
  ContactNote,
  ContactStore,
  Page,
  PageRequest,
} from '../../contracts/stores.js';
import { StoreError } from '../../contracts/stores.js';
import { checkedDate, checkedId, checkedText, checkedTexts } from '../checked-value.js';
import { limitOf, olderThan, pageOf, positionOf } from '../cursor.js';
import type { ConversationMemory } from '../conversation-memory.js';
import { QUICK, type Database, type Rows } from '../database.js';
import { isDuplicateKey } from '../guard.js';
import {
  contactNoteTable,
  contactOf,
  contactTable,
  identityKeyOf,
  noteOf,
  type ContactRow,
} from '../models/contacts.js';
import { conversationTable } from '../models/conversations.js';
import { optional } from '../optional.js';
import { changeOf } from './contact-change.js';
import { matching, pieceFor, piecesOf, shortPiece } from './contact-search.js';
import { erasePerson, eraseTraces, type EraseElsewhere } from './erase-person.js';
import { MergedContacts } from './merged-contacts.js';

const LIST = 'contacts';
const NOTES = 'contact notes';
const MOST_REACHES = 1_000;
const MOST_STAFF = 500;
/** "Last seen" is written at most this often, in ms. */
const SEEN_EVERY_MS = 5 * 60_000;

export class MongoContactStore implements ContactStore {
  private readonly merged: MergedContacts;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly makeId: MakeId,
    private readonly memory: ConversationMemory,
    private readonly eraseElsewhere: EraseElsewhere,
  ) {
    this.merged = new MergedContacts(() => this.rows, clock);
  }

  async ensure(identity: Parameters<ContactStore['ensure']>[0]): Promise<Contact> {
    const { channel, accountId, userId, name, at } = identity;
    const key = identityKeyOf(identity);
    const existing = (await this.withKey(key)) ?? (await this.beingMerged(key));
    if (existing !== undefined) {
      return contactOf(this.withLastSeen(existing, at));
    }
    const row = newRow(this.makeId('contact'), checkedDate(at), {
      ...(name === undefined ? {} : { name }),
      identities: [{ channel, accountId, userId }],
    });
    const winner = await this.insert({ ...row, lastSeenAt: at }).catch(async (error: unknown) => {
      const other = isDuplicateKey(error) ? await this.withKey(key) : undefined;
      if (other === undefined) throw error;
      return other;
    });
    return contactOf(winner);
  }

  async get(id: string): Promise<Contact | undefined> {
    const row = await this.merged.row(id);
    return row === undefined ? undefined : contactOf(row);
  }

  async find(by: Pick<ContactChange, 'phone' | 'email' | 'identities'>): Promise<readonly Contact[]> {
    const { phone, email, identities = [] } = by;
    const conditions = [
      ...(typeof phone === 'string' ? [{ phone: checkedText(phone) }] : []),
      ...(typeof email === 'string' ? [{ email: checkedText(email) }] : []),
      ...identities.map((identity) => ({ identityKeys: identityKeyOf(identity) })),
    ];
    if (conditions.length === 0) return [];
    return (await this.rows.find({ $or: conditions }).limit(20).toArray()).map(contactOf);
  }

  async withReach(values: readonly string[]): Promise<readonly Contact[]> {
    const addresses = checkedTexts(values).slice(0, MOST_REACHES);
    // The two kinds are easy to tell apart, and searching half as many values per query is faster.
    const lists = {
      email: addresses.filter((value) => value.includes('@')),
      phone: addresses.filter((value) => !value.includes('@')),
    };
    const matches = await Promise.all(
      Object.entries(lists)
        .filter(([, list]) => list.length > 0)
        .map(([name, list]) => this.rows.find({ [name]: { $in: list } }).toArray()),
    );
    return matches.flat().map(contactOf);
  }

  async createMany(changes: readonly ContactChange[], at: Date): Promise<readonly (Contact | undefined)[]> {
    if (changes.length === 0) return [];
    const rows = changes.map((change) => newRow(this.makeId('contact'), checkedDate(at), change));
    try {
      await this.rows.insertMany(rows, { ordered: false });
      return rows.map(contactOf);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const stored = await this.rows.find({ _id: { $in: rows.map(({ _id }) => _id) } }).toArray();
      const ids = new Set(stored.map(({ _id }) => _id));
      return rows.map((row) => (ids.has(row._id) ? contactOf(row) : undefined));
    }
  }

  async create(change: ContactChange, at: Date): Promise<Contact> {
    return contactOf(
      await conflicting(() => this.insert(newRow(this.makeId('contact'), checkedDate(at), change))),
    );
  }

  async staff(
    handles: readonly { readonly channel: string; readonly user_id: string }[],
  ): Promise<readonly Contact[]> {
    const identities = handles.map(({ channel, user_id: userId }) => ({
      identities: { $elemMatch: { channel: checkedText(channel), userId: checkedText(userId) } },
    }));
    const rows = await this.rows
      .find({ $or: [{ isStaff: true }, ...identities] })
      .limit(MOST_STAFF)
      .toArray();
    return rows.map(contactOf);
  }

  async update(id: string, change: ContactChange): Promise<Contact | undefined> {
    for (;;) {
      const before = await this.merged.row(id);
      if (before === undefined) return undefined;
      const row = await conflicting(() =>
        this.rows.findOneAndUpdate(asFoundNow(before, change), changeOf(before, change, this.clock.now()), {
          returnDocument: 'after',
        }),
      );
      if (row !== null) return this.changed(contactOf(row));
      // Its searchable fields were changed or it was erased in the meantime: try again with its current
      // state.
    }
  }

  async list({ query, tag, channel, shortId }: ContactFilter, page: PageRequest): Promise<Page<Contact>> {
    const limit = limitOf(page);
    const piece = query === undefined ? undefined : await pieceFor(this.rows, query);
    const filter = {
      $and: [
        ...(piece === undefined ? [] : [{ pieces: piece }]),
        ...(shortId === undefined ? [] : [{ pieces: shortPiece(shortId) }]),
        { mergedInto: { $exists: false }, erasedAt: { $exists: false } },
        olderThan('createdAt', positionOf(LIST, page)),
        ...(query === undefined ? [] : [matching(query)]),
        ...(tag === undefined ? [] : [{ tags: checkedText(tag) }]),
        ...(channel === undefined ? [] : [{ 'identities.channel': checkedText(channel) }]),
      ],
    };
    const cursor = this.rows.find(filter).sort({ createdAt: -1, _id: -1 });
    // The server cannot know that only a few contacts with the piece match, and far fewer of the newest.
    if (piece !== undefined) cursor.hint({ pieces: 1 });
    const rows = await cursor.limit(limit + 1).toArray();
    return pageOf(LIST, rows, limit, contactOf, (row) => ({ time: row.createdAt.getTime(), id: row._id }));
  }

  countNew(from: Date, until: Date): Promise<number> {
    return this.rows.countDocuments({
      createdAt: { $gte: checkedDate(from), $lt: checkedDate(until) },
      mergedInto: { $exists: false },
      erasedAt: { $exists: false },
    });
  }

  async merge(id: string, otherId: string): Promise<Contact | undefined> {
    const row = await this.merged.merge(id, otherId);
    return row && this.changed(contactOf(row));
  }

  async addNote(note: Omit<ContactNote, 'id'>): Promise<ContactNote> {
    const row = {
      _id: this.makeId('note'),
      ...note,
      contactId: checkedId(note.contactId),
      at: checkedDate(note.at),
    };
    const notes = this.database.rows(contactNoteTable);
    await notes.insertOne(row);
    const person = await this.rows.findOne({ _id: row.contactId }, { projection: { erasedAt: 1 } });
    if (person === null || person.erasedAt !== undefined) {
      // Erased concurrently: whichever came first, no note may remain.
      await notes.deleteOne({ _id: row._id });
      throw new StoreError('conflict', 'the contact was erased');
    }
    return noteOf(row);
  }

  async notes(contact: Contact, page: PageRequest): Promise<Page<ContactNote>> {
    const limit = limitOf(page);
    const rows = await this.database
      .rows(contactNoteTable)
      .find({
        $and: [
          { contactId: { $in: [contact.id, ...contact.formerIds] } },
          olderThan('at', positionOf(NOTES, page)),
        ],
      })
      .sort({ at: -1, _id: -1 })
      .limit(limit + 1)
      .toArray();
    return pageOf(NOTES, rows, limit, noteOf, (row) => ({ time: row.at.getTime(), id: row._id }));
  }

  async erase(contact: Contact): Promise<void> {
    let person: Contact | undefined = contact;
    while (person !== undefined) {
      const isOver = await erasePerson(this.database, person, this.clock.now(), this.eraseElsewhere);
      await this.changed(person);
      this.memory.forgetPerson(person);
      // Another contact was merged into this one in the meantime and must be erased, too.
      person = isOver ? undefined : await this.get(contact.id);
    }
  }

  async eraseTraces(contactIds: readonly string[]): Promise<void> {
    await eraseTraces(this.database, checkedTexts(contactIds), this.eraseElsewhere);
  }

  private async insert(row: ContactRow): Promise<ContactRow> {
    await this.rows.insertOne(row);
    return row;
  }

  private withLastSeen(row: ContactRow, at: Date): ContactRow {
    if (row.lastSeenAt !== undefined && at.getTime() - row.lastSeenAt.getTime() < SEEN_EVERY_MS) return row;
    // Not awaited; a lost update is made up for by the next message.
    this.rows.updateOne({ _id: row._id }, { $max: { lastSeenAt: at } }, QUICK).catch(() => undefined);
    return { ...row, lastSeenAt: at };
  }

  /**
   * Informs everything that caches the person's conversations, in this process and others, that the person
   * has changed.
   */
  private async changed(contact: Contact): Promise<Contact> {
    const byContact = { contactId: { $in: [contact.id, ...contact.formerIds] } };
    const rows = this.database.rows(conversationTable);
    await rows.updateMany(byContact, { $inc: { version: 1 } }, QUICK);
    this.memory.personChanged(contact);
    return contact;
  }

  private async withKey(key: string): Promise<ContactRow | undefined> {
    return (await this.rows.findOne({ identityKeys: key })) ?? undefined;
  }

  /** Finds an identity that a crash left between two contacts. */
  private async beingMerged(key: string): Promise<ContactRow | undefined> {
    const row = await this.rows.findOne({ bringing: { $exists: true }, 'bringing.identityKeys': key });
    return row === null ? undefined : this.merged.bring(row._id);
  }

  private get rows(): Rows<ContactRow> {
    return this.database.rows(contactTable);
  }
}

function newRow(id: string, at: Date, change: ContactChange): ContactRow {
  const {
    name,
    phone,
    email,
    locale,
    tags,
    fields = {},
    identities = [],
    isStaff = false,
    optedOut,
  } = change;
  const presentFields = Object.entries(fields).filter(([, value]) => value !== null);
  const called = { ...optional('name', name), ...optional('phone', phone), ...optional('email', email) };
  return {
    _id: id,
    ...called,
    pieces: piecesOf({ _id: id, ...called }),
    ...optional('locale', locale),
    ...(tags === undefined ? {} : { tags: [...new Set(tags)] }),
    ...(presentFields.length === 0 ? {} : { fields: Object.fromEntries(presentFields) as Contact['fields'] }),
    identities: identities.map(plainIdentity),
    ...(identities.length === 0 ? {} : { identityKeys: identities.map(identityKeyOf) }),
    isStaff,
    ...optional('optedOut', optedOut),
    createdAt: at,
    updatedAt: at,
  };
}

/**
 * Matches the row only while its searchable fields are unchanged, because the new pieces are computed from
 * them.
 */
function asFoundNow({ _id, name, phone, email }: ContactRow, change: ContactChange): Record<string, unknown> {
  const there = { _id, mergedInto: { $exists: false }, erasedAt: { $exists: false } };
  if (change.name === undefined && change.phone === undefined && change.email === undefined) return there;
  return { ...there, name: name ?? null, phone: phone ?? null, email: email ?? null };
}

function plainIdentity({ channel, accountId, userId }: ContactIdentity): ContactIdentity {
  return { channel, accountId, userId };
}

async function conflicting<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (isDuplicateKey(error)) throw new StoreError('conflict', 'another contact has this', { cause: error });
    throw error;
  }
}

import type {
  AnswerDraft,
  OpenQuestion,
  Page,
  PageRequest,
  UnansweredQuestion,
  UnansweredStore,
} from '../../contracts/stores.js';
import { checkedDate, checkedId, checkedText } from '../checked-value.js';
import { limitOf, olderThan, pageOf, positionOf } from '../cursor.js';
import type { Database } from '../database.js';
import {
  normalizedWords,
  unansweredIdOf,
  unansweredOf,
  unansweredTable,
  type UnansweredRow,
} from '../models/unanswered-questions.js';
import { optional } from '../optional.js';
import { retryOnDuplicate } from '../retry-on-duplicate.js';

const LIST = 'unanswered';
const MAX_ASKED_IN = 100;
const MAX_PEOPLE = 1000;
const MAX_WORDINGS = 30;

export class MongoUnansweredStore implements UnansweredStore {
  constructor(private readonly database: Database) {}

  async record(question: Parameters<UnansweredStore['record']>[0]): Promise<string> {
    const { as, contactId, locale } = question;
    const text = checkedText(question.text);
    const _id = as === undefined ? unansweredIdOf(text, locale) : checkedText(as);
    const conversationId = checkedId(question.conversationId);
    const at = checkedDate(question.at);
    const rows = this.database.rows(unansweredTable);
    // Its answer is gone or was not found; the people notified then are not waiting now.
    await rows.updateOne(
      { _id, status: 'answered' },
      { $set: { status: 'open', firstAskedAt: at, askedIn: [], people: [] }, $unset: { draft: 1 } },
    );
    // Newest last: a conversation that asks again moves to the end.
    await rows.updateOne({ _id, askedIn: conversationId }, { $pull: { askedIn: conversationId } });
    const person = contactId === undefined ? undefined : checkedId(contactId);
    const isCounted = person !== undefined && (await rows.findOne({ _id, people: person })) !== null;
    await retryOnDuplicate(() =>
      rows.updateOne(
        { _id },
        {
          $setOnInsert: { question: text, locale, status: 'open', firstAskedAt: at },
          $set: { lastAskedAt: at },
          $inc: { count: isCounted ? 0 : 1 },
          $push: {
            askedIn: { $each: [conversationId], $slice: -MAX_ASKED_IN },
            ...(person === undefined || isCounted
              ? {}
              : { people: { $each: [person], $slice: -MAX_PEOPLE } }),
          },
        },
        { upsert: true },
      ),
    );
    await this.keepWording(_id, text);
    return _id;
  }

  async withdraw({ text, ...asked }: Parameters<UnansweredStore['withdraw']>[0]): Promise<void> {
    const askedIn = checkedId(asked.conversationId);
    const person = checkedId(asked.contactId);
    const words = normalizedWords(checkedText(text));
    const rows = this.database.rows(unansweredTable);
    const candidates = await rows.find({ askedIn, status: 'open' }).toArray();
    const row = candidates.find(({ question, wordings = [question] }) =>
      wordings.some((each) => normalizedWords(each) === words),
    );
    if (row === undefined) return;
    const { deletedCount } = await rows.deleteOne({ _id: row._id, askedIn: [askedIn] });
    if (deletedCount > 0) return;
    // A repeated call no longer finds the conversation and leaves the count unchanged.
    await rows.updateOne(
      { _id: row._id, askedIn },
      { $pull: { askedIn, people: person }, $inc: { count: -1 } },
    );
  }

  async setDraft(id: string, draft: AnswerDraft): Promise<void> {
    await this.database.rows(unansweredTable).updateOne({ _id: checkedText(id) }, { $set: { draft } });
  }

  async get(id: string): Promise<UnansweredQuestion | undefined> {
    const row = await this.database.rows(unansweredTable).findOne({ _id: checkedText(id) });
    return row === null ? undefined : unansweredOf(row);
  }

  async list(page: PageRequest): Promise<Page<UnansweredQuestion>> {
    const limit = limitOf(page);
    const rows = await this.database
      .model(unansweredTable)
      .find(olderThan('firstAskedAt', positionOf(LIST, page)))
      .sort({ firstAskedAt: -1, _id: -1 })
      .limit(limit + 1)
      .lean<UnansweredRow[]>()
      .exec();
    return pageOf(LIST, rows, limit, unansweredOf, (row) => ({
      time: row.firstAskedAt.getTime(),
      id: row._id,
    }));
  }

  async open(limit: number): Promise<readonly OpenQuestion[]> {
    const rows = await this.database
      .rows(unansweredTable)
      .find({ status: 'open' }, { projection: { question: 1, locale: 1, wordings: 1, draft: 1 } })
      .sort({ firstAskedAt: -1 })
      .limit(limit)
      .toArray();
    return rows.map(({ _id: id, question, locale, wordings = [question], draft }) => ({
      id,
      locale,
      wordings,
      ...optional('draft', draft),
    }));
  }

  async setStatus(id: string, status: UnansweredQuestion['status']): Promise<UnansweredQuestion | undefined> {
    const row = await this.database
      .model(unansweredTable)
      .findOneAndUpdate({ _id: checkedText(id) }, { $set: { status } }, { returnDocument: 'after' })
      .lean<UnansweredRow>()
      .exec();
    return row === null ? undefined : unansweredOf(row);
  }

  private async keepWording(id: string, text: string): Promise<void> {
    const rows = this.database.rows(unansweredTable);
    const row = await rows.findOne({ _id: id });
    const wordings = row?.wordings ?? [];
    const words = normalizedWords(text);
    if (wordings.length >= MAX_WORDINGS || wordings.some((each) => normalizedWords(each) === words)) return;
    await rows.updateOne({ _id: id }, { $addToSet: { wordings: text } });
  }
}

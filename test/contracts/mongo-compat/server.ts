import {
  MongoServerError,
  type Collection,
  type Db,
  type Document,
  type MongoClient,
  type ObjectId,
} from 'mongodb';

export interface Item extends Document {
  _id: number | string | ObjectId;
}
export type Items = Collection<Item>;

/** The server under test while a test runs, with the items each test begins with. */
export type Server = () => {
  readonly uri: string;
  readonly client: MongoClient;
  readonly db: Db;
  readonly items: Items;
};

/** The server's answer to something that has to fail. */
export async function refusal(work: Promise<unknown>): Promise<MongoServerError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MongoServerError) return error;
  throw new Error(`expected the server to refuse, got ${String(error)}`);
}

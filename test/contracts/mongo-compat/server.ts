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

/** The server under test and the items each test starts with; to be called while a test runs. */
export type Server = () => {
  readonly uri: string;
  readonly client: MongoClient;
  readonly db: Db;
  readonly items: Items;
};

/** The server's error for an operation that must fail. */
export async function refusal(work: Promise<unknown>): Promise<MongoServerError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MongoServerError) return error;
  throw new Error(`expected the server to refuse, got ${String(error)}`);
}

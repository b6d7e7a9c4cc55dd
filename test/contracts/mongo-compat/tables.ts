import { EJSON, type Document } from 'bson';
import { MongoServerError, type Collection, type Db } from 'mongodb';
import { expect } from 'vitest';

/** The expected result of a row: a value with its exact BSON types, or an error code. */
export type Expected = { readonly value: unknown } | { readonly code: number };

export const is = (value: unknown): Expected => ({ value });
export const refused = (code: number): Expected => ({ code });

/** Keeps the BSON type of every value in results. */
export const EXACT = { promoteValues: false, promoteLongs: false, promoteBuffers: false } as const;

const format = (value: unknown): string =>
  value === undefined ? 'missing' : EJSON.stringify(value, { relaxed: false });

/** Runs all rows and fails with a list of those with an unexpected result. */
export async function checkRows<Row>(
  rows: readonly Row[],
  run: (row: Row) => Promise<unknown>,
  expectedOf: (row: Row) => Expected,
  nameOf: (row: Row) => string,
): Promise<void> {
  const wrong: string[] = [];
  for (const row of rows) {
    const expected = expectedOf(row);
    const got = await run(row).then(
      (value) => format(value),
      (error: unknown) => (error instanceof MongoServerError ? `code ${error.code}` : String(error)),
    );
    const wantedText = 'code' in expected ? `code ${expected.code}` : format(expected.value);
    if (got !== wantedText) wrong.push(`${nameOf(row)}: ${got}, not ${wantedText}`);
  }
  expect(wrong).toEqual([]);
}

/** The value of an expression evaluated on one document; `undefined` if the field is missing, not null. */
export async function evaluate(db: Db, expression: unknown, document: Document = {}): Promise<unknown> {
  const stages = [{ $documents: [{ $literal: document }] }, { $project: { _id: 0, r: expression } }];
  const [row] = await db.aggregate(stages, EXACT).toArray();
  return row?.['r'];
}

/** The `_id`s that match a filter, in ascending order. */
export async function found(collection: Collection<Document>, filter: Document): Promise<unknown> {
  const rows = await collection.find(filter, { sort: { _id: 1 }, projection: { _id: 1 } }).toArray();
  return rows.map(({ _id }) => _id as unknown);
}

import { MongoCommandError } from '../errors.js';
import { toNumber, type Doc } from '../bson/values.js';

/** What any command may say; those of a cluster that mean nothing here among them. */
const GENERIC = fields(
  '$db lsid txnNumber autocommit startTransaction readConcern writeConcern maxTimeMS comment',
  '$clusterTime $readPreference $queryOptions $audit $client $configServerState',
  'apiVersion apiStrict apiDeprecationErrors stmtId stmtIds',
  'databaseVersion shardVersion coordinator maxTimeMSOpOnly mayBypassWriteBlocking querySettings rawData',
);

/** What each command may say besides (the manual's page of the command). */
const OF_COMMAND: Readonly<Record<string, ReadonlySet<string>>> = {
  find: fields(
    'filter sort projection hint skip limit batchSize singleBatch max min returnKey showRecordId',
    'tailable awaitData noCursorTimeout allowPartialResults oplogReplay collation let allowDiskUse readOnce',
  ),
  aggregate: fields('pipeline explain allowDiskUse cursor bypassDocumentValidation hint collation let'),
  count: fields('query limit skip hint collation fields'),
  distinct: fields('key query collation hint'),
  getMore: fields('collection batchSize'),
  killCursors: fields('cursors'),
  insert: fields('documents ordered bypassDocumentValidation'),
  update: fields('updates ordered bypassDocumentValidation let'),
  delete: fields('deletes ordered let'),
  findAndModify: fields(
    'query sort remove update new fields upsert bypassDocumentValidation collation arrayFilters hint let',
  ),
  bulkWrite: fields('ops nsInfo ordered errorsOnly bypassDocumentValidation let cursor'),
  create: fields(
    'capped size max storageEngine indexOptionDefaults idIndex validator validationLevel validationAction',
    'viewOn pipeline collation changeStreamPreAndPostImages timeseries clusteredIndex expireAfterSeconds',
    'encryptedFields autoIndexId',
  ),
  createIndexes: fields('indexes commitQuorum ignoreUnknownIndexOptions'),
  dropIndexes: fields('index'),
  listIndexes: fields('cursor'),
  listCollections: fields('filter nameOnly authorizedCollections cursor'),
  listDatabases: fields('filter nameOnly authorizedDatabases'),
  drop: fields(),
  dropDatabase: fields(),
  renameCollection: fields('to dropTarget'),
};
const SPELLINGS: Readonly<Record<string, string>> = {
  findandmodify: 'findAndModify',
  deleteIndexes: 'dropIndexes',
};

/** What one statement of a batch may say, and what it must. */
const OF_STATEMENT = {
  'update.updates': {
    known: fields('q u c upsert multi collation arrayFilters hint sort'),
    required: ['q', 'u'],
  },
  'delete.deletes': { known: fields('q limit collation hint'), required: ['q', 'limit'] },
} as const;

function fields(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}

export const isGenericField = (name: string): boolean => GENERIC.has(name);

/** @throws MongoCommandError 40415 for a field that the command does not have: it would be passed over. */
export function refuseUnknownFields(name: string, body: Doc): void {
  const known = OF_COMMAND[SPELLINGS[name] ?? name];
  if (!known) return;
  const [, ...given] = Object.keys(body);
  refuse(
    name,
    given.find((field) => !known.has(field) && !GENERIC.has(field)),
  );
}

function checkStatement(name: keyof typeof OF_STATEMENT, statement: Doc): void {
  const { known, required } = OF_STATEMENT[name];
  const missing = required.find((field) => statement[field] === undefined);
  if (missing !== undefined)
    throw new MongoCommandError(40414, `BSON field '${name}.${missing}' is missing but a required field`);
  refuse(
    name,
    Object.keys(statement).find((field) => !known.has(field)),
  );
}

/** @throws MongoCommandError 40414 and 40415 for what an update lacks or does not have. */
export const checkUpdateStatement = (statement: Doc): void => {
  checkStatement('update.updates', statement);
};

/** @throws MongoCommandError 40414 and 40415 as for an update, 9 for another limit than one and none. */
export function checkDeleteStatement(statement: Doc): void {
  checkStatement('delete.deletes', statement);
  const limit = toNumber(statement.limit);
  if (limit !== 0 && limit !== 1)
    throw new MongoCommandError(9, `The limit field in delete objects must be 0 or 1. Got ${String(limit)}`);
}

function refuse(name: string, unknown: string | undefined): void {
  if (unknown !== undefined)
    throw new MongoCommandError(40415, `BSON field '${name}.${unknown}' is an unknown field.`);
}

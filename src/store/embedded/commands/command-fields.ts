import { MongoCommandError } from '../errors.js';
import { isDoc, toNumber, type Doc } from '../bson/values.js';

/** The required type of a field; a field without one can be anything. */
type FieldType = keyof typeof IS_OF_TYPE;
type Fields = ReadonlyMap<string, FieldType | undefined>;

const isNumber = (value: unknown): boolean => toNumber(value) !== undefined;

const IS_OF_TYPE = {
  object: (value: unknown): boolean => isDoc(value),
  array: (value: unknown): boolean => Array.isArray(value),
  number: isNumber,
  /** MongoDB accepts numbers, too. */
  bool: (value: unknown): boolean => typeof value === 'boolean' || isNumber(value),
  string: (value: unknown): boolean => typeof value === 'string',
} as const;

/** Parses `name:type` words. */
function fields(...lines: readonly string[]): Fields {
  const words = lines.flatMap((line) => line.split(' '));
  return new Map(
    words.map((word) => {
      const [name = '', type = ''] = word.split(':');
      return [name, type in IS_OF_TYPE ? (type as FieldType) : undefined];
    }),
  );
}

/** Fields allowed in any command, including those for clusters that have no effect here. */
const GENERIC = fields(
  '$db lsid:object txnNumber:number autocommit:bool startTransaction:bool readConcern:object',
  'writeConcern:object maxTimeMS:number comment',
  '$clusterTime $readPreference $queryOptions $audit $client $configServerState',
  'apiVersion apiStrict apiDeprecationErrors stmtId stmtIds',
  'databaseVersion shardVersion coordinator maxTimeMSOpOnly mayBypassWriteBlocking querySettings rawData',
);

/** Additional fields of each command (the manual's page of the command). */
const COMMAND_FIELDS: Readonly<Record<string, Fields>> = {
  find: fields(
    'filter:object sort:object projection:object hint skip:number limit:number batchSize:number',
    'singleBatch:bool max:object min:object returnKey:bool showRecordId:bool tailable:bool awaitData:bool',
    'noCursorTimeout:bool allowPartialResults:bool oplogReplay:bool collation:object let:object',
    'allowDiskUse:bool readOnce:bool',
  ),
  aggregate: fields(
    'pipeline:array explain:bool cursor:object allowDiskUse:bool bypassDocumentValidation:bool hint',
    'collation:object let:object',
  ),
  count: fields('query:object limit:number skip:number hint collation:object fields:object'),
  distinct: fields('key:string query:object collation:object hint'),
  getMore: fields('collection:string batchSize:number'),
  killCursors: fields('cursors:array'),
  insert: fields('documents:array ordered:bool bypassDocumentValidation:bool'),
  update: fields('updates:array ordered:bool bypassDocumentValidation:bool let:object'),
  delete: fields('deletes:array ordered:bool let:object'),
  findAndModify: fields(
    'query:object sort:object remove:bool update new:bool fields:object upsert:bool',
    'bypassDocumentValidation:bool collation:object arrayFilters:array hint let:object',
  ),
  bulkWrite: fields(
    'ops:array nsInfo:array ordered:bool errorsOnly:bool bypassDocumentValidation:bool let:object cursor:object',
  ),
  create: fields(
    'capped:bool size:number max:number storageEngine:object indexOptionDefaults:object idIndex:object',
    'validator:object validationLevel:string validationAction:string viewOn pipeline:array collation:object',
    'changeStreamPreAndPostImages:object timeseries:object clusteredIndex expireAfterSeconds',
    'encryptedFields:object autoIndexId',
  ),
  collMod: fields(
    'index:object validator:object validationLevel:string validationAction:string viewOn:string pipeline:array',
    'changeStreamPreAndPostImages:object',
  ),
  createIndexes: fields('indexes:array commitQuorum ignoreUnknownIndexOptions:bool'),
  dropIndexes: fields('index'),
  listIndexes: fields('cursor:object'),
  listCollections: fields('filter:object nameOnly:bool authorizedCollections:bool cursor:object'),
  listDatabases: fields('filter:object nameOnly:bool authorizedDatabases:bool'),
  drop: fields(),
  dropDatabase: fields(),
  renameCollection: fields('to:string dropTarget'),
};
const SPELLINGS: Readonly<Record<string, string>> = {
  findandmodify: 'findAndModify',
  deleteIndexes: 'dropIndexes',
};

/** Allowed and required fields of a part of a command. */
const PART_FIELDS = {
  'update.updates': {
    allowed: fields(
      'q:object u c:object upsert:bool multi:bool collation:object arrayFilters:array hint sort:object',
    ),
    required: ['q', 'u'],
  },
  'delete.deletes': {
    allowed: fields('q:object limit:number collation:object hint'),
    required: ['q', 'limit'],
  },
  'collMod.index': { allowed: fields('keyPattern:object name:string expireAfterSeconds hidden:bool') },
  'aggregate.cursor': { allowed: fields('batchSize:number') },
  'bulkWrite.nsInfo': { allowed: fields('ns:string collectionUUID'), required: ['ns'] },
  'bulkWrite.insert': { allowed: fields('insert:number document:object'), required: ['document'] },
  'bulkWrite.update': {
    allowed: fields(
      'update:number filter:object updateMods multi:bool upsert:bool collation:object arrayFilters:array',
      'hint constants:object sort:object',
    ),
    required: ['filter', 'updateMods'],
  },
  'bulkWrite.delete': {
    allowed: fields('delete:number filter:object multi:bool collation:object hint'),
    required: ['filter'],
  },
  'create.changeStreamPreAndPostImages': { allowed: fields('enabled:bool'), required: ['enabled'] },
} as const satisfies Readonly<Record<string, { allowed: Fields; required?: readonly string[] }>>;

export const isGenericField = (name: string): boolean => GENERIC.has(name);

/**
 * Throws `MongoCommandError` 40415 for an unknown field, 14 for one of the wrong type; otherwise they would
 * be silently ignored.
 */
export function checkFields(name: string, body: Doc): void {
  const allowed = COMMAND_FIELDS[SPELLINGS[name] ?? name];
  if (!allowed) return;
  const [, ...parameters] = Object.entries(body);
  for (const [field, value] of parameters)
    checkField(name, field, value, allowed.has(field) ? allowed : GENERIC);
}

function checkField(place: string, field: string, value: unknown, allowed: Fields): void {
  if (!allowed.has(field))
    throw new MongoCommandError(40415, `BSON field '${place}.${field}' is an unknown field.`);
  const type = allowed.get(field);
  // MongoDB treats null as a missing field.
  if (type === undefined || value === null || value === undefined || IS_OF_TYPE[type](value)) return;
  throw new MongoCommandError(
    14,
    `BSON field '${place}.${field}' is the wrong type, expected type '${type}'`,
  );
}

/**
 * Throws `MongoCommandError` 40414 for a missing field, 40415 for an unknown one, 14 for one of the wrong
 * type.
 */
export function checkPart(place: keyof typeof PART_FIELDS, part: Doc): void {
  const { allowed, required = [] }: { allowed: Fields; required?: readonly string[] } = PART_FIELDS[place];
  const missing = required.find((field) => part[field] === undefined);
  if (missing !== undefined)
    throw new MongoCommandError(40414, `BSON field '${place}.${missing}' is missing but a required field`);
  for (const [field, value] of Object.entries(part)) checkField(place, field, value, allowed);
}

/** Checks an operation of the client's `bulkWrite`; one of an unknown kind fails when its turn comes. */
export function checkBulkOperation(operation: Doc): void {
  const [kind] = Object.keys(operation);
  if (kind === 'insert' || kind === 'update' || kind === 'delete') checkPart(`bulkWrite.${kind}`, operation);
}

export const checkUpdateStatement = (statement: Doc): void => {
  checkPart('update.updates', statement);
};

/** Throws `MongoCommandError` 9 for a limit other than 0 and 1, and the errors of `checkPart`. */
export function checkDeleteStatement(statement: Doc): void {
  checkPart('delete.deletes', statement);
  const limit = toNumber(statement.limit);
  if (limit !== 0 && limit !== 1)
    throw new MongoCommandError(9, `The limit field in delete objects must be 0 or 1. Got ${String(limit)}`);
}

import type { Doc } from './bson/values.js';

/** MongoDB's numbers and names for the failures this server reports (error_codes.yml of the server). */
const CODE_NAMES = {
  1: 'InternalError',
  2: 'BadValue',
  9: 'FailedToParse',
  14: 'TypeMismatch',
  20: 'IllegalOperation',
  26: 'NamespaceNotFound',
  27: 'IndexNotFound',
  28: 'PathNotViable',
  40: 'ConflictingUpdateOperators',
  43: 'CursorNotFound',
  48: 'NamespaceExists',
  50: 'MaxTimeMSExpired',
  53: 'InvalidIdField',
  52: 'DollarPrefixedFieldName',
  54: 'NotSingleValueField',
  59: 'CommandNotFound',
  66: 'ImmutableField',
  67: 'CannotCreateIndex',
  72: 'InvalidOptions',
  73: 'InvalidNamespace',
  85: 'IndexOptionsConflict',
  86: 'IndexKeySpecsConflict',
  91: 'ShutdownInProgress',
  96: 'OperationFailed',
  115: 'CommandNotSupported',
  121: 'DocumentValidationFailure',
  168: 'InvalidPipelineOperator',
  171: 'CannotIndexParallelArrays',
  197: 'InvalidIndexSpecificationOption',
  225: 'TransactionTooOld',
  237: 'CursorKilled',
  238: 'NotImplemented',
  251: 'NoSuchTransaction',
  286: 'ChangeStreamHistoryLost',
  10334: 'BSONObjectTooLarge',
  11000: 'DuplicateKey',
  14031: 'OutOfDiskSpace',
  17280: 'KeyTooLong',
  31082: 'SearchNotEnabled',
  40324: 'Location40324',
  40415: 'Location40415',
} as const;

export type MongoErrorCode = keyof typeof CODE_NAMES;

/** A failure as the wire protocol reports it; `facts` are extra fields such as `keyPattern`. */
export class MongoCommandError extends Error {
  readonly codeName: string;

  constructor(
    readonly code: MongoErrorCode,
    message: string,
    readonly facts: Doc = {},
  ) {
    super(message);
    this.name = 'MongoCommandError';
    this.codeName = CODE_NAMES[code];
  }
}

/** Any thrown thing as a `MongoCommandError`; a failure of an expression is the caller's bad value. */
export function toMongoError(error: unknown): MongoCommandError {
  if (error instanceof MongoCommandError) return error;
  if (!(error instanceof Error)) return new MongoCommandError(1, String(error));
  const isInternal = error instanceof TypeError || error instanceof RangeError;
  return new MongoCommandError(isInternal ? 1 : 2, error.message);
}

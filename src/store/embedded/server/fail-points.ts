import { isDoc, isTrue, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import type { Request } from './wire.js';

/** Codes of a server that steps down, shuts down or loses its network (the drivers' retryable writes). */
const RETRYABLE = new Set([6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);
const NO_SUCH_TRANSACTION = 251;
/** Of those that say that a whole transaction may be tried again. */
const TRANSIENT = new Set([24, 112, 246, NO_SUCH_TRANSACTION, ...RETRYABLE]);

/** What happens to a command instead of, or beside, its running. */
export interface Failure {
  readonly waitMs: number;
  readonly cutsConnection: boolean;
  readonly error: MongoCommandError | undefined;
  /** Fields that a reply gets although the command did its work. */
  readonly extra: Doc | undefined;
}

interface Point {
  readonly commands: ReadonlySet<unknown>;
  readonly appName: unknown;
  readonly data: Doc;
  /** How often it may still happen. */
  left: number;
  /** How many commands pass before. */
  skips: number;
}

/**
 * MongoDB's fail point `failCommand`: a client's tests make commands fail as a server in trouble would.
 * Only a server that was started for tests has it.
 */
export class FailPoints {
  #point: Point | undefined;

  /** @throws MongoCommandError for a fail point or a mode that does not exist. */
  configure({ configureFailPoint: name, mode, data }: Doc): void {
    if (name !== 'failCommand')
      throw new MongoCommandError(249, `Cannot find fail point: ${typeof name === 'string' ? name : '?'}`);
    const given = isDoc(data) ? data : {};
    if (mode === 'off') this.#point = undefined;
    else {
      this.#point = {
        commands: new Set(Array.isArray(given.failCommands) ? (given.failCommands as unknown[]) : []),
        appName: given.appName,
        data: given,
        ...repetitions(mode),
      };
    }
  }

  /** The failure of a command; counted. */
  take(request: Request): Failure | undefined {
    const point = this.#point;
    if (!point?.commands.has(request.name)) return undefined;
    if (point.appName !== undefined && point.appName !== request.connection?.appName) return undefined;
    if (point.skips > 0) {
      point.skips -= 1;
      return undefined;
    }
    point.left -= 1;
    if (point.left <= 0) this.#point = undefined;
    return failureOf(point.data, request);
  }
}

function repetitions(mode: unknown): Pick<Point, 'left' | 'skips'> {
  if (mode === 'alwaysOn') return { left: Infinity, skips: 0 };
  const times = isDoc(mode) ? toNumber(mode.times) : undefined;
  if (times !== undefined) return { left: times, skips: 0 };
  const skip = isDoc(mode) ? toNumber(mode.skip) : undefined;
  if (skip !== undefined) return { left: Infinity, skips: skip };
  throw new MongoCommandError(9, 'the mode of a fail point is off, alwaysOn, {times} or {skip}');
}

function failureOf(data: Doc, request: Request): Failure {
  const code = toNumber(data.errorCode);
  const concern = isDoc(data.writeConcernError) ? data.writeConcernError : undefined;
  const given = Array.isArray(data.errorLabels) ? { errorLabels: data.errorLabels as unknown[] } : undefined;
  return {
    waitMs: isTrue(data.blockConnection) ? (toNumber(data.blockTimeMS) ?? 0) : 0,
    cutsConnection: isTrue(data.closeConnection),
    error:
      code === undefined
        ? undefined
        : new MongoCommandError(
            code,
            "Failing command via 'failCommand' failpoint",
            given ?? labelsOf(code, request),
          ),
    extra: concern && {
      writeConcernError: concern,
      ...(given ?? concernLabels(toNumber(concern.code) ?? 0, request)),
    },
  };
}

const isEndOfTransaction = (name: string): boolean =>
  name === 'commitTransaction' || name === 'abortTransaction';

/** A concern that is not met inside a transaction says nothing yet: its end does. */
function concernLabels(code: number, request: Request): Doc {
  const isInside = request.body.autocommit !== undefined && !isEndOfTransaction(request.name);
  return isInside ? {} : labelsOf(code, request);
}

/** The labels by which a driver knows what it may try again. */
function labelsOf(code: number, { name, body }: Request): Doc {
  const isEnd = isEndOfTransaction(name);
  const isInTransaction = body.autocommit !== undefined;
  if (isInTransaction && (!isEnd || code === NO_SUCH_TRANSACTION))
    return TRANSIENT.has(code) ? { errorLabels: ['TransientTransactionError'] } : {};
  const isRetryable = body.txnNumber !== undefined && RETRYABLE.has(code);
  return isRetryable ? { errorLabels: ['RetryableWriteError'] } : {};
}

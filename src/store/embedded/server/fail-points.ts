import { isDoc, isTrue, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { isEndOfTransaction, labelsOf, RETRYABLE } from './error-labels.js';
import type { Request } from './wire.js';

/** Codes after which a change stream can resume. */
const RESUMABLE = new Set([43, 63, 133, 150, 234, ...RETRYABLE]);

/** What happens to a command instead of, or in addition to, running it. */
export interface Failure {
  readonly waitMs: number;
  readonly cutsConnection: boolean;
  readonly error: MongoCommandError | undefined;
  /** Fields added to the reply although the command has done its work. */
  readonly extra: Doc | undefined;
  /** Runs the command before the connection is cut. */
  readonly runsFirst?: boolean;
}

interface Point {
  /** How many times this command could trigger the failure; a repeated write is not done again. */
  chances(request: Request, isRepeated: boolean): number;
  failure(request: Request): Failure;
  /** How many failures are left. */
  left: number;
  /** How many chances to let pass first. */
  skips: number;
}

/**
 * MongoDB's fail point `failCommand`, with which a client's tests make commands fail the way they do on a
 * server in trouble. Only available if the server was started for tests.
 */
export class FailPoints {
  readonly #points = new Map<string, Point>();

  /** Throws a `MongoCommandError` for an unknown fail point or mode. */
  configure({ configureFailPoint: name, mode, data }: Doc): void {
    const make = typeof name === 'string' && Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
    if (typeof name !== 'string' || !make)
      throw new MongoCommandError(249, `Cannot find fail point: ${typeof name === 'string' ? name : '?'}`);
    if (mode === 'off') this.#points.delete(name);
    else this.#points.set(name, { ...make(isDoc(data) ? data : {}), ...repetitions(mode) });
  }

  /** The failure to apply to this command, if any; counts it. */
  take(request: Request, isRepeated: boolean): Failure | undefined {
    for (const [name, point] of this.#points) {
      const chances = point.chances(request, isRepeated);
      const skipped = Math.min(chances, point.skips);
      point.skips -= skipped;
      if (chances === skipped) continue;
      point.left -= 1;
      if (point.left <= 0) this.#points.delete(name);
      return point.failure(request);
    }
    return undefined;
  }
}

const KINDS: Readonly<Record<string, (data: Doc) => Pick<Point, 'chances' | 'failure'>>> = {
  failCommand: (data) => {
    const commands = new Set<unknown>(Array.isArray(data.failCommands) ? data.failCommands : []);
    const isFor = ({ name, connection }: Request): boolean =>
      commands.has(name) && (data.appName === undefined || data.appName === connection?.appName);
    return {
      chances: (request) => (isFor(request) ? 1 : 0),
      failure: (request) => failureOf(data, request),
    };
  },
  /** Makes `getMore` fail, so that a change stream can resume if the code permits. */
  failGetMoreAfterCursorCheckout: (data) => ({
    chances: ({ name }) => (name === 'getMore' ? 1 : 0),
    failure: (request) => {
      const labels = { errorLabels: ['ResumableChangeStreamError'] };
      const isResumable = RESUMABLE.has(toNumber(data.errorCode) ?? 0);
      return failureOf(isResumable ? { ...data, ...labels } : data, request);
    },
  }),
  maxTimeAlwaysTimeOut: () => ({
    chances: ({ body }) => ((toNumber(body.maxTimeMS) ?? 0) > 0 ? 1 : 0),
    failure: (request) => failureOf({ errorCode: 50 }, request),
  }),
  /** Makes each retryable write fail before its commit, or loses its reply. */
  onPrimaryTransactionalWrite: (data) => {
    const code = toNumber(data.failBeforeCommitExceptionCode);
    const noEffect = { waitMs: 0, error: undefined, extra: undefined };
    return {
      chances: (request, isRepeated) => (isRepeated ? 0 : countWrites(request)),
      failure: (request) =>
        code === undefined
          ? { ...noEffect, cutsConnection: true, runsFirst: true }
          : { ...noEffect, cutsConnection: data.closeConnection !== false, error: failed(code, request) },
    };
  },
};

function countWrites({ body, documents }: Request): number {
  if (body.txnNumber === undefined || body.autocommit !== undefined) return 0;
  const lists = [body.updates, body.deletes, body.ops].filter(Array.isArray);
  return Math.max(1, documents.length, ...lists.map((list: unknown[]) => list.length));
}

const failed = (code: number, request: Request, facts?: Doc): MongoCommandError =>
  new MongoCommandError(
    code,
    "Failing command via 'failCommand' failpoint",
    facts ?? labelsOf(code, request),
  );

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
  const labels = Array.isArray(data.errorLabels) ? { errorLabels: data.errorLabels as unknown[] } : undefined;
  return {
    waitMs: isTrue(data.blockConnection) ? (toNumber(data.blockTimeMS) ?? 0) : 0,
    cutsConnection: isTrue(data.closeConnection),
    error: code === undefined ? undefined : failed(code, request, labels),
    extra: concern && {
      writeConcernError: concern,
      ...(labels ?? concernLabels(toNumber(concern.code) ?? 0, request)),
    },
  };
}

/** An unmet write concern inside a transaction gets no labels; only one at its end does. */
function concernLabels(code: number, request: Request): Doc {
  const isInside = request.body.autocommit !== undefined && !isEndOfTransaction(request.name);
  return isInside ? {} : labelsOf(code, request);
}

import { Long } from 'bson';
import { isDoc, type Doc } from '../bson/values.js';
import { InterruptionError } from '../errors.js';
import { sessionOf } from './retryable-writes.js';
import type { Request } from './wire.js';

/** A running command. */
export interface Operation {
  readonly id: number;
  readonly request: Request;
  readonly startedAt: number;
  /** Whether it has been asked to end. */
  isKilled: boolean;
}

const KINDS: Readonly<Record<string, string>> = {
  find: 'query',
  getMore: 'getmore',
  insert: 'insert',
  update: 'update',
  delete: 'remove',
};

/** The running commands, for `currentOp`, `$currentOp` and `killOp`. */
export class Operations {
  #next = 1;
  readonly #running = new Map<number, Operation>();

  constructor(
    private readonly now: () => Date,
    private readonly host: string,
  ) {}

  begin(request: Request): Operation {
    const operation = { id: this.#next, request, startedAt: this.now().getTime(), isKilled: false };
    this.#next += 1;
    this.#running.set(operation.id, operation);
    return operation;
  }

  end({ id }: Operation): void {
    this.#running.delete(id);
  }

  /** The running commands, longest-running first; includes the one asking. */
  list(asking: Request): Doc[] {
    const all = [...this.#running.values()];
    if (all.some(({ request }) => request === asking))
      return all.map((operation) => this.#describe(operation));
    const operation = { id: this.#next, request: asking, startedAt: this.now().getTime(), isKilled: false };
    this.#next += 1;
    return [...all, operation].map((operation) => this.#describe(operation));
  }

  #describe({ id, request, startedAt, isKilled }: Operation): Doc {
    const { name, database, body, connection } = request;
    const now = this.now();
    const milliseconds = Math.max(0, now.getTime() - startedAt);
    const target = body[name];
    return {
      type: 'op',
      host: this.host,
      desc: 'conn',
      ...(connection?.appName === undefined ? {} : { appName: connection.appName }),
      active: true,
      currentOpTime: now.toISOString(),
      opid: id,
      ...(isDoc(body.lsid) ? { lsid: body.lsid } : {}),
      secs_running: Long.fromNumber(Math.floor(milliseconds / 1_000)),
      microsecs_running: Long.fromNumber(milliseconds * 1_000),
      op: KINDS[name] ?? 'command',
      ns: `${database}.${typeof target === 'string' ? target : '$cmd'}`,
      command: body,
      ...(isKilled ? { killPending: true } : {}),
    };
  }

  /** Ends the commands of a session at their next pause; without a session, those of all sessions. */
  killSession(session?: string): void {
    for (const operation of this.#running.values()) {
      const owner = sessionOf(operation.request.body.lsid);
      if (owner !== undefined && (session === undefined || owner === session)) operation.isKilled = true;
    }
  }

  /** Ends a command at its next pause; ignores finished and unknown ones. */
  kill(id: number): void {
    const operation = this.#running.get(id);
    if (operation) operation.isKilled = true;
  }
}

/** Why a running command must end; `undefined` if it may continue. */
export function stopReason({ request, isKilled }: Operation): InterruptionError | undefined {
  if (isKilled) return new InterruptionError(11601, 'operation was interrupted');
  return request.connection?.isGone() === true
    ? new InterruptionError(279, 'operation was interrupted because the client disconnected')
    : undefined;
}

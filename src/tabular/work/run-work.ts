import { TabularError } from '../../contracts/tabular.js';
import { ChildError, runLimitedChild, type ChildLimits } from '../../lib/work/limited-child.js';
import { WORD_TABLE_FILE } from '../../lib/words/word-table.js';
import type { Pieces } from '../read/table-source.js';
import type { WorkListener } from './do-work.js';
import { errorOf, type WorkAnswers, type WorkMessage, type WorkRequest } from './messages.js';

const MEGABYTE = 1024 * 1024;
/** Largest message; the child reads it while the next one is on its way. */
const MESSAGE_BYTES = MEGABYTE;

/** Limits for the work on one table. This is the 512 MB limit of docs/tables.md. */
const LIMITS = {
  cpuMs: 30 * 60_000,
  wallMs: 3 * 60 * 60_000,
  residentBytes: 512 * MEGABYTE,
  heapMegabytes: 400,
} as const satisfies ChildLimits;

export type RunWork = <Type extends keyof WorkAnswers>(
  request: Extract<WorkRequest, { readonly type: Type }>,
  table: Pieces,
  options?: {
    readonly signal?: AbortSignal;
  } & WorkListener,
) => Promise<WorkAnswers[Type]>;

/**
 * Has a table worked on in a child process of its own, which may be killed at any moment.
 * @throws TabularError; the reason of `signal` if it aborts
 */
export const runWork: RunWork = async (request, table, { signal, onProgress, onOutput } = {}) => {
  try {
    return await runLimitedChild(
      {
        entry: 'src/tabular/work/child.js',
        limits: LIMITS,
        reads: [WORD_TABLE_FILE],
        threads: true,
        messages: messagesOf(request, table),
        onMessage(received) {
          const message = received as WorkMessage;
          switch (message.type) {
            case 'progress':
              onProgress?.(message.stage, message.share);
              return undefined;
            case 'output':
              onOutput?.(message.bytes);
              return undefined;
            case 'failed':
              throw errorOf(message);
            case 'done':
              // The child returns the answer type of its request.
              return { answer: message.answer as WorkAnswers[typeof request.type] };
            default:
              return message satisfies never;
          }
        },
      },
      signal,
    );
  } catch (error) {
    if (!(error instanceof ChildError)) throw error;
    throw tabularError(error);
  }
};

async function* messagesOf(request: WorkRequest, table: Pieces): AsyncIterable<unknown> {
  yield request;
  for await (const piece of table) {
    for (let start = 0; start < piece.length; start += MESSAGE_BYTES) {
      yield { type: 'bytes', bytes: piece.subarray(start, start + MESSAGE_BYTES) };
    }
  }
  yield { type: 'end' };
}

function tabularError(error: ChildError): TabularError {
  const cause = { cause: error };
  switch (error.kind) {
    case 'too-long':
      return new TabularError('too-large', 'Working on the table takes too long.', {
        ...cause,
        reason: { key: 'tables.reason.tooLong' },
      });
    case 'too-much-memory':
      return new TabularError('too-large', 'Working on the table takes too much memory.', {
        ...cause,
        reason: { key: 'tables.reason.tooMuchMemory' },
      });
    case 'killed':
    case 'died':
      return new TabularError('interrupted', 'Working on the table was interrupted.', {
        ...cause,
        reason: { key: 'tables.reason.interrupted' },
      });
    default:
      return error.kind satisfies never;
  }
}

import { KnowledgeError } from '../contracts/knowledge.js';
import { RetrievalError } from '../contracts/retriever.js';
import { QueueError } from '../contracts/queue.js';
import { StoreError } from '../contracts/stores.js';
import { HttpProblem, invalidRequest, retryAfter } from '../lib/api/problem.js';

const RETRY_MS = 2000;

/** What the client is told about an error. Anything unforeseen becomes a 500 that reveals nothing. */
export function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof StoreError) return ofStore(error);
  if (error instanceof KnowledgeError) return ofKnowledge(error);
  if (error instanceof RetrievalError) return ofRetrieval(error);
  if (error instanceof QueueError) return unavailable(error);
  return new HttpProblem(500, 'internal_error', 'Something went wrong on our side.', { cause: error });
}

function unavailable(cause: unknown): HttpProblem {
  return new HttpProblem(503, 'unavailable', 'The service cannot reach its records now. Try again soon.', {
    headers: retryAfter(RETRY_MS),
    cause,
  });
}

function ofStore(error: StoreError): HttpProblem {
  switch (error.kind) {
    case 'unavailable':
      return unavailable(error);
    case 'full':
      return new HttpProblem(507, 'storage_full', 'There is no space left to store this.', { cause: error });
    case 'outdated':
      return new HttpProblem(412, 'precondition_failed', 'It was changed meanwhile. Read it again.', {
        cause: error,
      });
    case 'conflict':
      return new HttpProblem(409, 'conflict', 'This was changed by someone else at the same time.', {
        cause: error,
      });
    case 'invalid-cursor':
      return invalidRequest('The cursor is not one of ours.', [
        { path: 'cursor', code: 'invalid_cursor', message: 'Use `next_cursor` of an earlier answer.' },
      ]);
    case 'corrupt':
      return new HttpProblem(500, 'internal_error', 'Something went wrong on our side.', { cause: error });
    default:
      return error.kind satisfies never;
  }
}

/** Messages of `KnowledgeError` are written for API clients, so they may be shown. */
function ofKnowledge(error: KnowledgeError): HttpProblem {
  switch (error.kind) {
    case 'unsupported-type':
      return new HttpProblem(415, 'unsupported_document', error.message, { cause: error });
    case 'unreadable':
      return new HttpProblem(422, 'unreadable_document', error.message, { cause: error });
    case 'no-text':
      return new HttpProblem(422, 'no_text', error.message, { cause: error });
    case 'too-large':
      return new HttpProblem(413, 'document_too_large', error.message, { cause: error });
    case 'invalid-csv': {
      const path = error.options.row === undefined ? 'file' : `file.${error.options.row}`;
      return new HttpProblem(400, 'invalid_csv', error.message, {
        errors: [{ path, code: 'invalid_csv', message: error.message }],
        cause: error,
      });
    }
    case 'not-found':
      return new HttpProblem(404, 'not_found', 'There is no such thing here.', { cause: error });
    default:
      return error.kind satisfies never;
  }
}

function ofRetrieval(error: RetrievalError): HttpProblem {
  switch (error.kind) {
    case 'semantic-off':
      return new HttpProblem(400, 'semantic_off', 'Semantic search needs an embedding model; none is set.', {
        errors: [{ path: 'mode', code: 'semantic_off', message: 'Use `hybrid` or `keyword`.' }],
        cause: error,
      });
    case 'unavailable':
      return new HttpProblem(503, 'search_unavailable', 'Search is not available now. Try again soon.', {
        headers: retryAfter(RETRY_MS),
        cause: error,
      });
    default:
      return error.kind satisfies never;
  }
}

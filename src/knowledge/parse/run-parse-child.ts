import { KnowledgeError } from '../../contracts/knowledge.js';
import { ChildError, runLimitedChild } from '../../lib/work/limited-child.js';
import { errorOfReply } from './child-message.js';
import type { ParseReply, ParseRequest } from './child-message.js';
import type { ParsedDocument } from './parsed-document.js';

/**
 * Reads one file in its own process.
 * @throws KnowledgeError; the reason of `signal` if it aborts
 */
export async function runParseChild(request: ParseRequest, signal?: AbortSignal): Promise<ParsedDocument> {
  try {
    const reply = await runLimitedChild(
      {
        entry: 'src/knowledge/parse/child.js',
        limits: request.limits,
        messages: [request],
        onMessage: (message) => ({ answer: message as ParseReply }),
      },
      signal,
    );
    if (reply.type === 'failed') throw errorOfReply(reply);
    return reply.document;
  } catch (error) {
    if (error instanceof ChildError) throw knowledgeError(error);
    throw error;
  }
}

function knowledgeError(error: ChildError): KnowledgeError {
  const cause = { cause: error };
  switch (error.kind) {
    case 'too-long':
      return new KnowledgeError('too-large', 'Reading the file takes too long.', cause);
    case 'too-much-memory':
    case 'killed':
      return new KnowledgeError('too-large', 'Reading the file takes too much memory.', cause);
    case 'died':
      return new KnowledgeError('unreadable', 'The file is damaged and cannot be read.', cause);
    default:
      return error.kind satisfies never;
  }
}

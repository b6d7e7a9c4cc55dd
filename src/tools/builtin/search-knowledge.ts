import { z } from 'zod';
import { RetrievalError, type Retriever } from '../../contracts/retriever.js';
import type { TenantScope } from '../../contracts/stores.js';
import { ToolError, type Tool } from '../../contracts/tool.js';

const inputSchema = z.strictObject({
  query: z.string().trim().min(1).max(300).describe('Keywords or a question, in the language of the person'),
  limit: z.int().min(1).max(8).default(4).describe('How many passages'),
});

/** Lets a few passages fit into one result, in characters. */
const LONGEST_PASSAGE = 1500;

/** Searches only the documents of the business the conversation belongs to. */
export function createSearchKnowledgeTool(dependencies: {
  readonly retriever: (scope: TenantScope) => Retriever;
}): Tool<z.output<typeof inputSchema>> {
  return {
    name: 'search_knowledge',
    description:
      "Searches the business's own documents and returns the best passages. Use it when the passages at hand do not answer the question.",
    inputSchema,
    effect: 'read',
    async run({ query, limit }, { scope, signal }) {
      try {
        const { hits } = await dependencies
          .retriever(scope)
          .search({ query, topK: limit, mode: 'hybrid' }, signal);
        return {
          passages: hits.map((hit) => ({
            document_id: hit.documentId,
            title: hit.title,
            text: hit.text.slice(0, LONGEST_PASSAGE),
            score: Math.round(hit.score * 100) / 100,
          })),
        };
      } catch (error) {
        if (!(error instanceof RetrievalError)) throw error;
        throw new ToolError('failed', 'The documents cannot be searched right now.', { cause: error });
      }
    },
  };
}

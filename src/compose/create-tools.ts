import type { KnowledgeService } from '../contracts/knowledge.js';
import type { Logger } from '../contracts/runtime.js';
import type { Tool, ToolRunner } from '../contracts/tool.js';
import {
  createSearchKnowledgeTool,
  createToolRegistry,
  currentTimeTool,
  executeToolCall,
} from '../tools/index.js';

/** The built-in tools as the pipeline runs them: none of them has an effect to confirm. */
export function createTools(
  { knowledge, logger }: { readonly knowledge: KnowledgeService; readonly logger: Logger },
  more: readonly Tool[],
): ToolRunner {
  const registry = createToolRegistry([
    currentTimeTool,
    createSearchKnowledgeTool({ retriever: (scope) => knowledge.retriever(scope) }),
    ...more,
  ]);
  return {
    specs: registry.specs,
    async execute(call, context) {
      const outcome = await executeToolCall(call, { registry, context, logger, isConfirmed: false });
      return outcome.result;
    },
  };
}

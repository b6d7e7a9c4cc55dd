export { currentTimeTool } from './builtin/current-time.js';
export { createSearchKnowledgeTool } from './builtin/search-knowledge.js';
export {
  executeToolCall,
  LONGEST_RESULT_BYTES,
  type ToolExecution,
  type ToolOutcome,
} from './execute-tool-call.js';
export { createToolRegistry, type ToolRegistry } from './registry.js';

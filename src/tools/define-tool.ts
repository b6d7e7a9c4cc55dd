import type { z } from 'zod';
import type { Tool } from '../contracts/tool.js';

/** Erases the input type of a tool, so that tools with different inputs fit into one list. */
export function defineTool<Schema extends z.ZodType>(
  tool: Omit<Tool<z.output<Schema>>, 'inputSchema'> & { readonly inputSchema: Schema },
): Tool {
  // Safe, because the input is parsed with this very schema before the tool runs.
  return tool;
}

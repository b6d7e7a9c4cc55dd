import type { z } from 'zod';
import type { Tool } from '../contracts/tool.js';

/** A tool whose functions are given its input in its own type, as one of a list of mixed types. */
export function defineTool<Schema extends z.ZodType>(
  tool: Omit<Tool<z.output<Schema>>, 'inputSchema'> & { readonly inputSchema: Schema },
): Tool {
  // Whoever runs it reads the input by this very schema.
  return tool;
}

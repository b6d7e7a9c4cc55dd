import type { ModelRequest, ToolSpec } from '../contracts/model.js';

/** Everything a model may call: tools, and the outcomes that end the turn without text. */
export function callableTools({ tools = [], outcomes = [] }: ModelRequest): readonly ToolSpec[] {
  return [...tools, ...outcomes];
}

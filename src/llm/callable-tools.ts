import type { ModelRequest, ToolSpec } from '../contracts/model.js';

/** Everything that a model may call: tools, and the ways to end the turn without text. */
export function callableTools({ tools = [], outcomes = [] }: ModelRequest): readonly ToolSpec[] {
  return [...tools, ...outcomes];
}

import { z } from 'zod';
import type { ToolCall, ToolResult } from '../contracts/model.js';
import type { Logger } from '../contracts/runtime.js';
import { ToolError, type Tool, type ToolContext, type ToolErrorKind } from '../contracts/tool.js';
import type { ToolRegistry } from './registry.js';

export interface ToolExecution {
  readonly registry: ToolRegistry;
  readonly context: ToolContext;
  readonly logger: Logger;
  /** The person confirmed exactly this call: same tool, same arguments. Never decided by a model. */
  readonly isConfirmed: boolean;
}

export type ToolOutcome =
  | { readonly type: 'ran'; readonly result: ToolResult }
  /** `result` tells the model why; on `needs-confirmation` the person must be asked. */
  | { readonly type: 'refused'; readonly kind: ToolErrorKind; readonly result: ToolResult };

/** A longer result fills the model's context for little use; in bytes of UTF-8. */
export const LONGEST_RESULT_BYTES = 8192;
const CUT_MARK = '… [cut]';

/** Runs one tool call of a model. Rejects only if the turn is aborted: failures are results, too. */
export async function executeToolCall(call: ToolCall, execution: ToolExecution): Promise<ToolOutcome> {
  const { context, logger } = execution;
  try {
    const value = await run(call, execution);
    return { type: 'ran', result: toResult(call, toJson(value), false) };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof ToolError)) logger.error({ tool: call.name, error }, 'a tool failed unexpectedly');
    const toolError = error instanceof ToolError ? error : unexpected(execution.registry.get(call.name));
    return {
      type: 'refused',
      kind: toolError.kind,
      result: toResult(call, JSON.stringify({ error: toolError.kind, message: toolError.message }), true),
    };
  }
}

async function run(call: ToolCall, { registry, context, isConfirmed }: ToolExecution): Promise<unknown> {
  const tool = registry.get(call.name);
  if (tool === undefined) throw new ToolError('unknown-tool', `There is no tool named ${call.name}.`);
  const input = parseInput(tool, call);
  if (tool.effect === 'write' && !isConfirmed) {
    throw new ToolError('needs-confirmation', 'The person must confirm this first; ask them to.');
  }
  context.signal.throwIfAborted();
  return tool.run(input, context);
}

/** A tool that changes something may have done so before it failed. */
function unexpected(tool: Tool | undefined): ToolError {
  return new ToolError(tool?.effect === 'write' ? 'unknown' : 'failed', 'The tool failed.');
}

function parseInput(tool: Tool, call: ToolCall): unknown {
  const parsed = tool.inputSchema.safeParse(call.arguments);
  if (parsed.success) return parsed.data;
  throw new ToolError('invalid-input', z.prettifyError(parsed.error));
}

function toJson(value: unknown): string {
  // Values that JSON cannot represent (undefined, a function) yield undefined, whatever the type says.
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new ToolError('failed', 'The tool gave no result.');
  return text;
}

function toResult(call: ToolCall, content: string, isError: boolean): ToolResult {
  return { callId: call.id, name: call.name, content: cut(content), isError };
}

/** Never cuts in the middle of a character. */
function cut(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= LONGEST_RESULT_BYTES) return text;
  let end = LONGEST_RESULT_BYTES - Buffer.byteLength(CUT_MARK);
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end) + CUT_MARK;
}

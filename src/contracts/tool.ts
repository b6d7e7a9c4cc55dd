import type { z } from 'zod';
import type { Locale } from './message.js';
import type { ToolCall, ToolResult, ToolSpec } from './model.js';
import type { TenantScope } from './stores.js';

/** On whose behalf a tool runs: it may see and do what this contact may, nothing more. */
export interface ToolContext {
  readonly scope: TenantScope;
  readonly contactId: string;
  readonly conversationId: string;
  readonly locale: Locale;
  readonly now: Date;
  readonly signal: AbortSignal;
}

export interface Tool<Input = unknown> {
  readonly name: string;
  /** For the model, in English. */
  readonly description: string;
  readonly inputSchema: z.ZodType<Input>;
  /** `write` changes something outside the conversation and never runs without a confirmation. */
  readonly effect: 'read' | 'write';
  /** Resolves to JSON-compatible data. Throws only `ToolError`. */
  run(input: Input, context: ToolContext): Promise<unknown>;
}

export type ToolErrorKind =
  'unknown-tool' | 'invalid-input' | 'not-allowed' | 'needs-confirmation' | 'failed';

export class ToolError extends Error {
  override readonly name = 'ToolError';
  constructor(
    readonly kind: ToolErrorKind,
    /** Shown to the model, so it holds no secret. */
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
  }
}

/** The tools a turn may use, as the pipeline sees them. */
export interface ToolRunner {
  readonly specs: readonly ToolSpec[];
  /** Validates and runs the call and cuts its result to size; a `ToolError` becomes a result with `isError`. */
  execute(call: ToolCall, context: ToolContext): Promise<ToolResult>;
}

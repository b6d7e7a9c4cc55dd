import type { z } from 'zod';
import type { Locale } from './message.js';
import type { ToolCall, ToolResult, ToolSpec } from './model.js';
import type { TenantScope } from './stores.js';
import type { Translate } from './i18n.js';
import type { PendingAction } from './turn.js';

/** On whose behalf a tool runs: it may see and do what this contact may, nothing more. */
export interface ToolContext {
  readonly scope: TenantScope;
  readonly contactId: string;
  readonly conversationId: string;
  /** The turn the call belongs to: the same one when it is tried again. */
  readonly turnId: string;
  readonly isStaff: boolean;
  /** The business itself asks, by its key. */
  readonly isBusiness?: boolean;
  readonly locale: Locale;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** Who must agree before a tool with effects runs. */
export const CONFIRMATIONS = ['never', 'person', 'staff'] as const;
export type Confirmation = (typeof CONFIRMATIONS)[number];

export interface Tool<Input = unknown> {
  readonly name: string;
  /** For the model, in English. */
  readonly description: string;
  readonly inputSchema: z.ZodType<Input>;
  /** The same as JSON Schema, where the tool was described in it; absent: made from `inputSchema`. */
  readonly jsonSchema?: ToolSpec['inputSchema'];
  /** Changes with what the tool does: an action that was agreed to runs no other one. */
  readonly version?: string;
  /** `write` changes something: every run of it is recorded, and happens at most once. */
  readonly effect: 'read' | 'write';
  /** Who may have it run for them; absent: everyone. */
  readonly permission?: 'everyone' | 'staff';
  /** Off until the business switches it on. */
  readonly isOptional?: boolean;
  /** Only of a `write`; absent: the person. The business may choose another. */
  readonly confirmation?: Confirmation;
  /** What a run with this input would do, in the language of who reads it. Markdown. */
  summary?(input: Input, t: Translate): string;
  /** Resolves to JSON-compatible data. Throws only `ToolError`. */
  run(input: Input, context: ToolContext): Promise<unknown>;
}

export type ToolErrorKind =
  | 'unknown-tool'
  | 'invalid-input'
  | 'not-allowed'
  | 'needs-confirmation'
  | 'failed'
  /** It was begun, and nobody knows whether it was done. */
  | 'unknown';

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

/** The call waits for a decision; a turn asks for one at most. */
export interface AskedAction {
  readonly asked: PendingAction;
}

/** The tools a turn may use, as the pipeline sees them. */
export interface ToolRunner {
  readonly specs: readonly ToolSpec[];
  /** Those that this business has switched on for this caller; absent: all. */
  specsFor?(scope: TenantScope, isStaff: boolean): Promise<readonly ToolSpec[]>;
  /**
   * Validates and runs the call and cuts its result to size; a `ToolError` becomes a result with
   * `isError`. What somebody must agree to first is kept and not run.
   */
  execute(call: ToolCall, context: ToolContext): Promise<ToolResult | AskedAction>;
}

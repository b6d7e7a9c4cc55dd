import type { z } from 'zod';
import type { Locale } from './message.js';
import type { ToolCall, ToolResult, ToolSpec } from './model.js';
import type { TenantScope } from './stores.js';
import type { Translate } from './i18n.js';
import type { PendingAction } from './turn.js';

/** On whose behalf a tool runs: it can see and do only what this contact can. */
export interface ToolContext {
  readonly scope: TenantScope;
  readonly contactId: string;
  readonly conversationId: string;
  /** The turn the call belongs to; unchanged when the turn is retried. */
  readonly turnId: string;
  readonly isStaff: boolean;
  /** Requested by the business itself, with its API key. */
  readonly isBusiness?: boolean;
  readonly locale: Locale;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** Who must confirm before a tool with effects runs. */
export const CONFIRMATIONS = ['never', 'person', 'staff'] as const;
export type Confirmation = (typeof CONFIRMATIONS)[number];

export interface Tool<Input = unknown> {
  readonly name: string;
  /** For the model, in English. */
  readonly description: string;
  readonly inputSchema: z.ZodType<Input>;
  /** The same as JSON Schema, if the tool was described that way; absent: derived from `inputSchema`. */
  readonly jsonSchema?: ToolSpec['inputSchema'];
  /** Changes with the tool's behaviour: a confirmed action never runs a different version. */
  readonly version?: string;
  /** `write` changes something: every run is recorded and happens at most once. */
  readonly effect: 'read' | 'write';
  /** Who can use it; absent: everyone. */
  readonly permission?: 'everyone' | 'staff';
  /** Off until the business enables it. */
  readonly isOptional?: boolean;
  /** Only for `write`; defaults to the person. The business may override it. */
  readonly confirmation?: Confirmation;
  /** What a run with this input would do, in the reader's language. Markdown. */
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
  /** It was started, and nobody knows whether it took effect. */
  | 'unknown';

export class ToolError extends Error {
  override readonly name = 'ToolError';
  constructor(
    readonly kind: ToolErrorKind,
    /** Shown to the model, so it contains no secrets. */
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
  }
}

/** The call awaits a decision; at most one per turn. */
export interface UnconfirmedAction {
  readonly pending: PendingAction;
}

/** The tools available to a turn, as the pipeline sees them. */
export interface ToolRunner {
  readonly specs: readonly ToolSpec[];
  /** The tools this business has enabled for this caller; absent: all of them. */
  specsFor?(scope: TenantScope, isStaff: boolean): Promise<readonly ToolSpec[]>;
  /**
   * Validates and runs the call and truncates its result; a `ToolError` becomes a result with `isError`. A
   * call that needs confirmation is stored and not run.
   */
  execute(call: ToolCall, context: ToolContext): Promise<ToolResult | UnconfirmedAction>;
}

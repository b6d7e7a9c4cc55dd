import { KnowledgeError } from '../../contracts/knowledge.js';
import type { KnowledgeErrorKind } from '../../contracts/knowledge.js';
import type { ParsedDocument } from './parsed-document.js';
import type { ParseLimits } from './parse-limits.js';

/** The single request a child receives. */
export interface ParseRequest {
  readonly bytes: Uint8Array;
  readonly fileName: string;
  readonly limits: ParseLimits;
}

/** The single reply of a child. */
export type ParseReply =
  | { readonly type: 'parsed'; readonly document: ParsedDocument }
  | {
      readonly type: 'failed';
      readonly kind: KnowledgeErrorKind;
      readonly detail: string;
      readonly row?: number;
    };

/**
 * What a parser threw, as a message. Anything but a `KnowledgeError` means a file that no parser anticipated.
 */
export function replyOfError(error: unknown): ParseReply {
  if (!(error instanceof KnowledgeError)) {
    return { type: 'failed', kind: 'unreadable', detail: 'The file is damaged and cannot be read.' };
  }
  const { row } = error.options;
  return { type: 'failed', kind: error.kind, detail: error.message, ...(row === undefined ? {} : { row }) };
}

export function errorOfReply(reply: Extract<ParseReply, { type: 'failed' }>): KnowledgeError {
  return new KnowledgeError(reply.kind, reply.detail, reply.row === undefined ? {} : { row: reply.row });
}

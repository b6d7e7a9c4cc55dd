import type { ModelMessage, ModelRequest, ToolSpec, UserPart } from '../contracts/model.js';
import { callableTools } from './callable-tools.js';
import { renderTextPart } from './data-blocks.js';

/**
 * UTF-8 bytes per token, on the low side: English has about 4.4 and Indonesian about 3.8; other scripts have
 * 2 to 3 bytes per character and about one token per character. Estimating too many tokens merely trims a
 * little early.
 */
const BYTES_PER_TOKEN = 3.5;
/** The most any vendor charges for an image at standard resolution. */
const IMAGE_TOKENS = 1600;
/** A PDF page is read both as text and as an image; the file size indicates the number of pages. */
const PDF_PAGE_TOKENS = 3000;
const PDF_BYTES_PER_TOKEN = 25;
/** Role, separators and field names of one message, tool call or tool. */
const FRAME_TOKENS = 10;

export function estimateTextTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

export function estimatePartTokens(part: UserPart): number {
  switch (part.type) {
    case 'image':
      return IMAGE_TOKENS;
    case 'pdf':
      return Math.max(PDF_PAGE_TOKENS, Math.ceil(part.data.length / PDF_BYTES_PER_TOKEN));
    case 'text':
    case 'data':
      return estimateTextTokens(renderTextPart(part)) + 1;
    default:
      return part satisfies never;
  }
}

export function estimateMessageTokens(message: ModelMessage): number {
  switch (message.role) {
    case 'user':
      return FRAME_TOKENS + sum(message.parts.map(estimatePartTokens));
    case 'assistant':
      return (
        FRAME_TOKENS +
        estimateTextTokens(message.text) +
        sum((message.toolCalls ?? []).map((call) => FRAME_TOKENS + estimateTextTokens(JSON.stringify(call))))
      );
    case 'tool':
      return sum(message.results.map((result) => FRAME_TOKENS + estimateTextTokens(result.content)));
    default:
      return message satisfies never;
  }
}

/** Estimates the part of a request that trimming never touches. */
export function estimateFixedTokens(request: ModelRequest): number {
  return (
    FRAME_TOKENS + estimateTextTokens(request.system) + sum(callableTools(request).map(estimateToolTokens))
  );
}

/** Estimates the whole request. */
export function estimateRequestTokens(request: ModelRequest): number {
  return estimateFixedTokens(request) + sum(request.messages.map(estimateMessageTokens));
}

/** Cached, because every turn offers the same tools. */
const toolTokens = new WeakMap<ToolSpec, number>();

function estimateToolTokens(tool: ToolSpec): number {
  const cached = toolTokens.get(tool);
  if (cached !== undefined) return cached;
  const tokens = FRAME_TOKENS + estimateTextTokens(JSON.stringify(tool));
  toolTokens.set(tool, tokens);
  return tokens;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

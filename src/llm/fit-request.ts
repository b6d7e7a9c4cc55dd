import type {
  ModelCapabilities,
  ModelMessage,
  ModelRequest,
  ToolResult,
  UserPart,
} from '../contracts/model.js';
import {
  estimateFixedTokens,
  estimateMessageTokens,
  estimatePartTokens,
  estimateTextTokens,
} from './estimate-tokens.js';

/** A tool result is never cut shorter than this, characters. */
const SHORTEST_RESULT = 400;
const CUT_MARK = ' […]';
/** The mark is longer in bytes, and each estimate is rounded up, characters. */
const CUT_SPARE = 16;

/**
 * The request as this model can take it: without tools or pictures it has no power for, and
 * within its context. The system text and the last user's words always stay; the oldest history
 * goes first, then the data parts from the last, then the ends of long tool results.
 */
export function fitRequest(request: ModelRequest, capabilities: ModelCapabilities): ModelRequest {
  const { tools, outcomes, ...rest } = request;
  const able: ModelRequest = {
    ...rest,
    ...(capabilities.tools && tools !== undefined ? { tools } : {}),
    ...(capabilities.tools && outcomes !== undefined ? { outcomes } : {}),
    messages: capabilities.images ? request.messages : request.messages.map(withoutImages),
  };
  const room = capabilities.contextTokens - request.maxOutputTokens - estimateFixedTokens(able);
  return { ...able, messages: fitMessages(able.messages, room) };
}

function withoutImages(message: ModelMessage): ModelMessage {
  if (message.role !== 'user') return message;
  const parts = message.parts.map((part): UserPart =>
    part.type === 'image' ? { type: 'text', text: '[picture that this model cannot see]' } : part,
  );
  return { role: 'user', parts };
}

function fitMessages(messages: readonly ModelMessage[], room: number): readonly ModelMessage[] {
  const costs = messages.map(estimateMessageTokens);
  let excess = costs.reduce((total, cost) => total + cost, -room);
  if (excess <= 0) return messages;
  const lastUser = messages.findLastIndex((message) => message.role === 'user');
  let start = 0;
  while (excess > 0 && start < lastUser) {
    excess -= costs[start] ?? 0;
    start += 1;
  }
  const kept = messages.slice(start);
  return excess <= 0 ? kept : cutResults(...dropData(kept, excess));
}

type Shortened = readonly [messages: readonly ModelMessage[], excess: number];

/** Only the last user message is left of the users, so its data parts are all there are. */
function dropData(messages: readonly ModelMessage[], excess: number): Shortened {
  let left = excess;
  const shorter = messages.map((message): ModelMessage => {
    if (message.role !== 'user') return message;
    const parts: UserPart[] = [];
    for (const part of [...message.parts].reverse()) {
      if (part.type === 'data' && left > 0) left -= estimatePartTokens(part);
      else parts.unshift(part);
    }
    return { role: 'user', parts };
  });
  return [shorter, left];
}

function cutResults(messages: readonly ModelMessage[], excess: number): readonly ModelMessage[] {
  if (excess <= 0) return messages;
  const total = messages
    .flatMap((message) => (message.role === 'tool' ? message.results : []))
    .reduce((sum, result) => sum + estimateTextTokens(result.content), 0);
  const share = total === 0 ? 1 : Math.max(0, 1 - excess / total);
  const cut = (result: ToolResult): ToolResult => {
    const length = Math.max(SHORTEST_RESULT, Math.floor(result.content.length * share) - CUT_SPARE);
    return result.content.length <= length
      ? result
      : { ...result, content: result.content.slice(0, length) + CUT_MARK };
  };
  return messages.map((message) =>
    message.role === 'tool' ? { role: 'tool', results: message.results.map(cut) } : message,
  );
}

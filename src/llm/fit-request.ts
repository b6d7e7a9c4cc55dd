import type {
  DataPart,
  ModelCapabilities,
  ModelMessage,
  ModelRequest,
  ToolResult,
  UserPart,
} from '../contracts/model.js';
import { isMedia } from '../contracts/model.js';
import {
  estimateFixedTokens,
  estimateMessageTokens,
  estimatePartTokens,
  estimateTextTokens,
} from './estimate-tokens.js';

/** Tool results are never cut shorter than this, in characters. */
const SHORTEST_RESULT = 400;
const CUT_MARK = ' […]';
/** Allows for the mark, which is longer in bytes, and for estimates being rounded up, in characters. */
const CUT_SPARE = 16;
/** A file that takes up a larger share of the context window leaves too little room for knowledge. */
const LARGEST_FILE_SHARE = 0.5;

/**
 * Fits a request to a model: removes tools, images and files it cannot handle, and trims the rest to its
 * context window. The system text and the person's last message always stay. The oldest history is dropped
 * first, then the data parts that fit the question least, then the ends of long tool results are cut.
 */
export function fitRequest(request: ModelRequest, capabilities: ModelCapabilities): ModelRequest {
  const { tools, outcomes, ...rest } = request;
  const able: ModelRequest = {
    ...rest,
    ...(capabilities.tools && tools !== undefined ? { tools } : {}),
    ...(capabilities.tools && outcomes !== undefined ? { outcomes } : {}),
    messages: request.messages.map((message) => withoutUnreadable(message, capabilities)),
  };
  const room = capabilities.contextTokens - request.maxOutputTokens - estimateFixedTokens(able);
  return { ...able, messages: fitMessages(able.messages, room) };
}

function withoutUnreadable(message: ModelMessage, capabilities: ModelCapabilities): ModelMessage {
  if (message.role !== 'user' || !message.parts.some(isMedia)) return message;
  return { role: 'user', parts: message.parts.map((part) => readable(part, capabilities)) };
}

function readable(part: UserPart, { images, pdfs, contextTokens }: ModelCapabilities): UserPart {
  if (part.type === 'image' && !images) return { type: 'text', text: '[picture that this model cannot see]' };
  if (part.type !== 'pdf') return part;
  if (!pdfs) return { type: 'text', text: '[file that this model cannot read]' };
  const isTooLong = estimatePartTokens(part) > contextTokens * LARGEST_FILE_SHARE;
  return isTooLong ? { type: 'text', text: '[file that is too long for this model]' } : part;
}

function fitMessages(messages: readonly ModelMessage[], room: number): readonly ModelMessage[] {
  const costs = messages.map(estimateMessageTokens);
  let excess = costs.reduce((total, cost) => total + cost, -room);
  if (excess <= 0) return messages;
  const question = questionIn(messages);
  // Knowledge placed at the very beginning is not history.
  const begin = question > 0 && sourcesIn(messages[0]) > 0 ? 1 : 0;
  let end = begin;
  while (excess > 0 && end < question) {
    excess -= costs[end] ?? 0;
    end += 1;
  }
  const rest = [...messages.slice(0, begin), ...messages.slice(end)];
  return excess <= 0 ? rest : cutResults(...dropData(rest, excess));
}

/** The index of the person's last message: it carries the knowledge, unlike our own messages to the model. */
function questionIn(messages: readonly ModelMessage[]): number {
  const dataIndex = messages.findLastIndex(
    (message) => message.role === 'user' && message.parts.some(({ type }) => type === 'data'),
  );
  return dataIndex === -1 ? messages.findLastIndex(({ role }) => role === 'user') : dataIndex;
}

function sourcesIn(message: ModelMessage | undefined): number {
  if (message?.role !== 'user') return 0;
  return message.parts.filter((part) => part.type === 'data' && part.citation !== undefined).length;
}

type Shortened = readonly [messages: readonly ModelMessage[], excess: number];

/** Drops sources first, from the last one, then the best matches, then facts about time and person. */
function dropData(messages: readonly ModelMessage[], excess: number): Shortened {
  const parts = messages
    .flatMap((message) => (message.role === 'user' ? message.parts : []))
    .filter((part) => part.type === 'data')
    .toReversed();
  const dropped = new Set<UserPart>();
  let remaining = excess;
  for (const part of [0, 1, 2].flatMap((worth) => parts.filter((each) => worthOf(each) === worth))) {
    if (remaining <= 0) break;
    dropped.add(part);
    remaining -= estimatePartTokens(part);
  }
  const shorter = messages.flatMap((message): readonly ModelMessage[] => {
    if (message.role !== 'user') return [message];
    const rest = message.parts.filter((part) => !dropped.has(part));
    return rest.length === 0 ? [] : [{ role: 'user', parts: rest }];
  });
  return [shorter, remaining];
}

function worthOf(part: DataPart): number {
  if (part.citation === undefined) return 2;
  return part.isBest === true ? 1 : 0;
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

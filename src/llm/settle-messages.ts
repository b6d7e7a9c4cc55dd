import type { ModelMessage, Reasoning, ToolCall, ToolResult, UserPart } from '../contracts/model.js';

type AssistantMessage = Extract<ModelMessage, { role: 'assistant' }>;

/**
 * Brings a conversation into a form that all vendors accept: it begins with the user, neighbouring messages
 * of the same role are merged, every tool call is followed by its result and every result follows its call.
 * Anything else is dropped, because vendors would reject the whole request.
 */
export function settleMessages(messages: readonly ModelMessage[]): readonly ModelMessage[] {
  const settled: ModelMessage[] = [];
  for (const message of mergeNeighbours(messages)) {
    const last = settled.at(-1);
    switch (message.role) {
      case 'user': {
        const parts = message.parts.filter(saysSomething);
        if (parts.length > 0) settled.push({ role: 'user', parts });
        break;
      }
      case 'assistant':
        if (last !== undefined) settled.push(message);
        break;
      case 'tool':
        if (last?.role === 'assistant') addResults(settled, last, message.results);
        break;
      default:
        message satisfies never;
    }
  }
  return mergeNeighbours(dropUnanswered(settled));
}

function saysSomething(part: UserPart): boolean {
  return part.type !== 'text' || part.text.trim() !== '';
}

function addResults(
  settled: ModelMessage[],
  message: AssistantMessage,
  results: readonly ToolResult[],
): void {
  const calls = message.toolCalls ?? [];
  const ids = new Set(calls.map((call) => call.id));
  const answered = results.filter((result) => ids.delete(result.callId));
  if (answered.length > 0) settled.push({ role: 'tool', results: answered });
}

/** Removes calls without a result, then assistant messages that are left empty. */
function dropUnanswered(messages: readonly ModelMessage[]): readonly ModelMessage[] {
  return messages.flatMap((message, index): readonly ModelMessage[] => {
    if (message.role !== 'assistant') return [message];
    const next = messages[index + 1];
    const answered = new Set(next?.role === 'tool' ? next.results.map((result) => result.callId) : []);
    // Deleting while checking keeps only the first of two calls with the same id.
    const calls = (message.toolCalls ?? []).filter((call) => answered.delete(call.id));
    const remainder = assistant(message.text, calls, message.reasoning);
    return remainder === undefined ? [] : [remainder];
  });
}

/** Merges neighbouring messages of the same role. */
function mergeNeighbours(messages: readonly ModelMessage[]): readonly ModelMessage[] {
  const merged: ModelMessage[] = [];
  for (const message of messages) {
    const last = merged.at(-1);
    if (message.role === 'user' && last?.role === 'user') {
      merged[merged.length - 1] = { role: 'user', parts: [...last.parts, ...message.parts] };
    } else if (message.role === 'assistant' && last?.role === 'assistant') {
      const text = [last.text, message.text].filter((part) => part !== '').join('\n\n');
      const calls = [...(last.toolCalls ?? []), ...(message.toolCalls ?? [])];
      const both = assistant(text, calls, message.reasoning ?? last.reasoning);
      if (both !== undefined) merged[merged.length - 1] = both;
    } else if (message.role === 'tool' && last?.role === 'tool') {
      merged[merged.length - 1] = { role: 'tool', results: [...last.results, ...message.results] };
    } else merged.push(message);
  }
  return merged;
}

function assistant(
  text: string,
  toolCalls: readonly ToolCall[],
  reasoning: Reasoning | undefined,
): AssistantMessage | undefined {
  if (text.trim() === '' && toolCalls.length === 0) return undefined;
  if (toolCalls.length === 0) return { role: 'assistant', text };
  return { role: 'assistant', text, toolCalls, ...(reasoning === undefined ? {} : { reasoning }) };
}

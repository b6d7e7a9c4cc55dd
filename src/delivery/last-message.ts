import type { LastMessage } from '../contracts/stores.js';
import type { Turn } from '../contracts/turn.js';

/** The newest line of a conversation, once this turn is in it. */
export function lastMessageOf({ answer, input, createdAt: at }: Turn): LastMessage {
  if (answer.text === '') return { role: 'user', text: input, at };
  return { role: answer.source === 'human' ? 'staff' : 'assistant', text: answer.text, at };
}

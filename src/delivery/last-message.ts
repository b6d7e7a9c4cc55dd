import type { LastMessage } from '../contracts/stores.js';
import type { Turn } from '../contracts/turn.js';

/** The newest message of a conversation once this turn is part of it. */
export function lastMessageOf({ answer, input, createdAt: at }: Turn): LastMessage {
  if (answer.text === '') return { role: 'user', text: input, at };
  return { role: answer.source === 'human' ? 'staff' : 'assistant', text: answer.text, at };
}

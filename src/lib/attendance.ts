import type { Conversation } from '../contracts/stores.js';

/** Who is answering: the bot, nobody yet although staff were asked, or a staff member. */
export type Attendance = 'bot' | 'waiting' | 'person';

export function attendanceOf(conversation: Conversation | undefined): Attendance {
  if (conversation?.mode !== 'human') return 'bot';
  return conversation.modeReason === 'asked' ? 'waiting' : 'person';
}

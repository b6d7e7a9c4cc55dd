export { AnswerBoard } from './answer-board.js';
export { ConversationWork, MAX_ATTEMPTS } from './conversation-work.js';
export type { FindAccount } from './conversation-work.js';
export { CRASH_POINTS } from './crash-point.js';
export type { AtCrashPoint, CrashPoint } from './crash-point.js';
export { conversationIdOf, createIntake } from './intake.js';
export { LaneWorker } from './lane-worker.js';
export { createOutreach } from './outreach.js';
export { isDeadNeighbour, ownerOfThisProcess } from './owner.js';

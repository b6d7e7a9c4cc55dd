export type { ConversationDependencies } from './dependencies.js';
export { createApologyFor, createRunTurn } from './run-turn.js';

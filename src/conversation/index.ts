export type { ConversationDependencies } from './dependencies.js';
export { languageOf } from './language.js';
export { createApologyFor, createRunTurn } from './run-turn.js';

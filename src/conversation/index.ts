export { commandMenu } from './commands/command-menu.js';
export { createSuggestValues } from './commands/suggest-values.js';
export { isStaffMember } from './is-staff.js';
export { languageOf } from './language.js';
export { withoutForeignLinks } from './outgoing/outgoing-policy.js';
export { createApologyFor, createRunTurn } from './run-turn.js';

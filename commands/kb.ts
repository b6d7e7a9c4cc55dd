import { addKnowledge } from './kb/add-knowledge.js';
import { listKnowledge } from './kb/list-knowledge.js';
import { removeKnowledge } from './kb/remove-knowledge.js';
import { searchKnowledge, testKnowledge } from './kb/search-knowledge.js';
import { commandWithActions } from './shared/command-actions.js';

export const kb = commandWithActions(
  { name: 'kb', audience: 'staff', description: 'command.kb.description', usage: 'command.kb.usage' },
  {
    list: listKnowledge,
    add: addKnowledge,
    search: searchKnowledge,
    test: testKnowledge,
    remove: removeKnowledge,
  },
  listKnowledge,
);

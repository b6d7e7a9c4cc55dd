import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import { FAQ_LIMITS } from '../src/contracts/knowledge.js';
import { addEntry, type NeedsFaq } from './shared/add-entry.js';

export const teach = defineCommand({
  name: 'teach',
  audience: 'staff',
  description: 'command.teach.description',
  options: {
    question: {
      type: 'text',
      required: true,
      until: '|',
      maxLength: FAQ_LIMITS.question,
      description: 'command.teach.question',
    },
    answer: {
      type: 'text',
      required: true,
      multiline: true,
      maxLength: FAQ_LIMITS.answer,
      description: 'command.teach.answer',
    },
  },
  run: (context: CommandContext<NeedsFaq>, pair) => addEntry(context, pair),
});

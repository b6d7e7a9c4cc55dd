import type { Command } from '../src/contracts/command.js';
import { wrongUse } from './shared/command-actions.js';
import { addEntry, type NeedsFaq } from './shared/add-entry.js';
import { splitPair } from './shared/split-text.js';

export const teach: Command<NeedsFaq> = {
  name: 'teach',
  audience: 'staff',
  description: 'command.teach.description',
  usage: 'command.teach.usage',
  async run(context) {
    const pair = splitPair(context.argumentText);
    return pair ? addEntry(context, pair) : wrongUse(context, teach);
  },
};

import { defineCommand } from '../src/contracts/command.js';
import { decideAction } from './shared/decide-action.js';

/** Run by the button below a question: confirms what was asked. */
export const confirm = defineCommand({
  name: 'confirm',
  audience: 'everyone',
  unlisted: true,
  description: 'command.confirm.description',
  options: { action: { type: 'text', required: true, description: 'command.option.action' } },
  run: decideAction('confirm'),
});

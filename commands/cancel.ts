import { defineCommand } from '../src/contracts/command.js';
import { decideAction } from './shared/decide-action.js';

/** Run by the other button below a question: cancels what was asked. */
export const cancel = defineCommand({
  name: 'cancel',
  audience: 'everyone',
  unlisted: true,
  description: 'command.cancel.description',
  options: { action: { type: 'text', required: true, description: 'command.option.action' } },
  run: decideAction('cancel'),
});

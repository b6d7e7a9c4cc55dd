import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import type { HandOver } from '../src/contracts/hand-over.js';
import { personIn } from './shared/waiting.js';

/** Postpones a waiting person for a quarter of an hour. */
export const later = defineCommand({
  name: 'later',
  audience: 'staff',
  description: 'command.later.description',
  options: {
    conversation: { type: 'conversation', required: true, description: 'command.option.conversation' },
  },
  async run(context: CommandContext<{ readonly handOver: HandOver }>, { conversation }) {
    const { t, scope, services, contact } = context;
    await services.handOver.remindLater(scope, conversation, { conversation: context.conversation, contact });
    return { text: t('command.later.done', { name: await personIn(context, conversation) }) };
  },
});

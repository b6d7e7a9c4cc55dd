import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import type { HandOver } from '../src/contracts/hand-over.js';

/** For a person who no longer needs staff. */
export const bot = defineCommand({
  name: 'bot',
  audience: 'everyone',
  description: 'command.bot.description',
  options: {},
  async run(context: CommandContext<{ readonly handOver: HandOver }>) {
    const { t, scope, conversation, services, eventKey } = context;
    if (conversation.mode === 'human') {
      await services.handOver.release(scope, conversation, eventKey, 'person');
    }
    return { text: t('handover.ended') };
  },
});

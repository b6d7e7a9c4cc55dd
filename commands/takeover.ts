import type { Outreach } from '../src/contracts/chat.js';
import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import { quote } from '../src/lib/excerpt.js';
import { shortId } from '../src/lib/short-id.js';

/** With a message it also writes to the person, as often as it is used. */
export const takeover = defineCommand({
  name: 'takeover',
  audience: 'staff',
  description: 'command.takeover.description',
  options: {
    conversation: { type: 'conversation', description: 'command.option.conversation' },
    message: { type: 'text', multiline: true, description: 'command.takeover.message' },
  },
  async run(
    context: CommandContext<{ readonly outreach: Outreach }>,
    { conversation = context.conversation, message },
  ) {
    const { t, scope, services, eventKey } = context;
    await scope.conversations.update(conversation.id, { mode: 'human' });
    const facts = { title: quote(conversation.title), id: shortId(conversation.id) };
    if (message === undefined) return { text: t('command.takeover.done', facts) };
    await services.outreach.say(scope, conversation.id, eventKey, message, 'human');
    return { text: t('command.takeover.sent', facts) };
  },
});

import type { Outreach } from '../src/contracts/chat.js';
import type { Command } from '../src/contracts/command.js';
import { shortId } from './shared/short-id.js';
import { splitWord } from './shared/split-text.js';
import { conversationNotFound, targetConversation } from './shared/target-conversation.js';

/** `/takeover <conversation> text` also writes to the person, as often as it is used. */
export const takeover: Command<{ readonly outreach: Outreach }> = {
  name: 'takeover',
  audience: 'staff',
  description: 'command.takeover.description',
  usage: 'command.takeover.usage',
  async run(context) {
    const { t, scope, services, eventKey } = context;
    const { word, rest } = splitWord(context.argumentText);
    const target = await targetConversation(context, word);
    if (!target) return conversationNotFound(context, word);
    await scope.conversations.update(target.id, { mode: 'human' });
    const facts = { title: target.title, id: shortId(target.id) };
    if (rest === '') return { text: t('command.takeover.done', facts) };
    await services.outreach.say(scope, target.id, eventKey, rest, 'human');
    return { text: t('command.takeover.sent', facts) };
  },
};

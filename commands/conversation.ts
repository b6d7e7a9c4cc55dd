import { defineCommand } from '../src/contracts/command.js';
import { lastMessages } from '../src/lib/text/conversation-lines.js';
import { shortId } from '../src/lib/ids/short-id.js';
import { personIn } from './shared/waiting.js';

const SHOWN_TURNS = 8;

/** Shows who it is and the last messages, to read before taking over. */
export const conversation = defineCommand({
  name: 'conversation',
  audience: 'staff',
  description: 'command.conversation.description',
  options: {
    conversation: { type: 'conversation', required: true, description: 'command.option.conversation' },
  },
  async run(context, { conversation: target }) {
    const { t, scope } = context;
    const { channel, mode } = target;
    const id = shortId(target.id);
    const name = await personIn(context, target);
    const heading = t('command.conversation.heading', { title: name, channel, id, mode });
    const button =
      mode === 'human'
        ? { label: t('button.release'), action: `/release ${id}` }
        : { label: t('button.takeOver'), action: `/takeover ${id}` };
    const transcript = await lastMessages(scope, target, name, t, SHOWN_TURNS);
    return { text: `${heading}\n\n${transcript}`, buttons: [[button]] };
  },
});

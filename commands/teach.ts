import type { Command } from '../src/contracts/command.js';
import { wrongUse } from './shared/command-actions.js';
import { shortId } from './shared/short-id.js';
import { splitPair } from './shared/split-text.js';

export const teach: Command = {
  name: 'teach',
  audience: 'staff',
  description: 'command.teach.description',
  usage: 'command.teach.usage',
  async run(context) {
    const { t, scope, services, locale, argumentText } = context;
    const pair = splitPair(argumentText);
    if (!pair) return wrongUse(context, teach);
    const entry = await services.faq.add(scope, { question: pair.left, answer: pair.right, locale });
    return { text: t('command.teach.done', { question: entry.question, id: shortId(entry.id) }) };
  },
};

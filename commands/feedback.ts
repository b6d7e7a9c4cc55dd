import type { Command, RateAnswer } from '../src/contracts/command.js';
import { wrongUse } from './shared/command-actions.js';
import { splitWord } from './shared/split-text.js';

const RATINGS: Readonly<Record<string, 'up' | 'down'>> = {
  up: 'up',
  good: 'up',
  bagus: 'up',
  '+': 'up',
  '👍': 'up',
  down: 'down',
  bad: 'down',
  kurang: 'down',
  '-': 'down',
  '👎': 'down',
};

export const feedback: Command<{ readonly rateAnswer: RateAnswer }> = {
  name: 'feedback',
  audience: 'everyone',
  description: 'command.feedback.description',
  usage: 'command.feedback.usage',
  async run(context) {
    const { t, services, scope, conversation } = context;
    if (context.argumentText === '') {
      const up = { label: t('button.helpful'), action: '/feedback up' };
      const down = { label: t('button.notHelpful'), action: '/feedback down' };
      return { text: t('command.feedback.ask'), buttons: [[up, down]] };
    }
    const { word, rest } = splitWord(context.argumentText);
    const name = word.toLowerCase();
    const rating = Object.hasOwn(RATINGS, name) ? RATINGS[name] : undefined;
    if (!rating) return wrongUse(context, feedback);
    const stored = await services.rateAnswer(scope, conversation.id, rating, rest === '' ? undefined : rest);
    if (!stored) return { text: t('feedback.nothingToRate') };
    return { text: rating === 'up' ? t('feedback.thanksUp') : t('feedback.thanksDown') };
  },
};
